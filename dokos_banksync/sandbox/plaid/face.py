"""Plaid as a face of the sandbox server, under `/plaid/` and `/connect/plaid/`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Request, Response

from dokos_banksync.sandbox.consent_pages.pages import ConsentPages
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.outbox import Outbox
from dokos_banksync.sandbox.plaid.api import Api, error_response
from dokos_banksync.sandbox.plaid.errors import PlaidError
from dokos_banksync.sandbox.plaid.hosted import HostedLink
from dokos_banksync.sandbox.plaid.simulations import Simulations
from dokos_banksync.sandbox.plaid.state import Plaid

PREFIX = "/plaid"
_CODES = {429: "RATE_LIMIT", 500: "INTERNAL_SERVER_ERROR", 503: "PLANNED_MAINTENANCE"}


class PlaidFace:
	"""Implements `sandbox.faces.Face`."""

	name = "plaid"
	prefixes: tuple[str, ...] = (f"{PREFIX}/", "/connect/plaid/")

	def __init__(self, plaid: Plaid) -> None:
		self.plaid = plaid
		self.outbox: Outbox = plaid.outbox
		self.simulations: dict[str, Callable[..., Any]] = Simulations(plaid).all()
		self._api = Api(plaid, PREFIX)
		self._pages = ConsentPages(HostedLink(plaid), plaid.lock, "Link")

	def answer(self, request: Request) -> Response:
		"""Answer a call of the API, or a page of Hosted Link."""
		if request.path.startswith(f"{PREFIX}/"):
			return self._api.answer(request)
		return self._pages.answer(request)

	def refuse(self, fault: Fault) -> Response:
		"""Return the error of the fault's code, else of its status. `retry_after` is not Plaid's way and is left out."""
		code = fault.code or _CODES.get(fault.status, "INTERNAL_SERVER_ERROR")
		return error_response(PlaidError(code), "fault")

	def spoil(self, kind: str, request: Request, response: Response) -> None:
		"""Repeat a page for ever, or change a row after it was read, so that the next page is refused."""
		body = json.loads(response.get_data())
		if kind == "repeat_page" and "next_cursor" in body:
			body["has_more"] = True
			body["next_cursor"] = (request.get_json(force=True) or {}).get("cursor") or ""
			response.set_data(json.dumps(body))
		for row in body.get("added", [])[:1] if kind == "touch" else []:
			self.simulations["touch"](account_id=row["account_id"])

	def forget(self) -> None:
		"""Drop everything that clients created."""
		self.plaid.forget()
