"""Salt Edge as a face of the sandbox server, under `/salt-edge/api/v6` and `/connect/salt-edge/`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Request, Response

from dokos_banksync.sandbox.consent_pages.pages import ConsentPages
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.outbox import Outbox
from dokos_banksync.sandbox.salt_edge.api import Api, error_response
from dokos_banksync.sandbox.salt_edge.errors import FIREWALL, SaltEdgeError
from dokos_banksync.sandbox.salt_edge.simulations import Simulations
from dokos_banksync.sandbox.salt_edge.state import SaltEdge
from dokos_banksync.sandbox.salt_edge.widget import Widget


class SaltEdgeFace:
	"""Implements `sandbox.faces.Face`."""

	name = "salt-edge"
	prefixes: tuple[str, ...] = ("/salt-edge/", "/connect/salt-edge/")

	def __init__(self, salt: SaltEdge) -> None:
		self.salt = salt
		self.outbox: Outbox = salt.outbox
		self.simulations: dict[str, Callable[..., Any]] = Simulations(salt).all()
		self._api = Api(salt)
		self._pages = ConsentPages(Widget(salt), salt.lock, "Salt Edge")

	def answer(self, request: Request) -> Response:
		"""Answer a call of the API, or a page of the widget."""
		if request.path.startswith("/salt-edge/"):
			return self._api.answer(request)
		return self._pages.answer(request)

	def refuse(self, fault: Fault) -> Response:
		"""Return the error of the fault's code, the firewall's page for 403, else a general error of its status."""
		if fault.status == 403 and not fault.code:
			return Response(FIREWALL, status=403, content_type="text/html; charset=utf-8")
		general = "TooManyRequests" if fault.status == 429 else "InternalServerError"
		error = SaltEdgeError(fault.code) if fault.code else SaltEdgeError(general, status=fault.status)
		response = error_response(error)
		if fault.retry_after is not None:
			response.headers["Retry-After"] = str(fault.retry_after)
		return response

	def spoil(self, kind: str, request: Request, response: Response) -> None:
		"""Lead from a page to itself, or change the first account of a page's rows after they were read."""
		body = json.loads(response.get_data())
		data = body.get("data")
		rows = [one for one in data if "account_id" in one] if isinstance(data, list) else []
		if kind == "repeat_page" and rows:
			path = request.path[request.path.index("/api/") :]
			next_id = request.args.get("from_id") or rows[0]["id"]
			body["meta"] = {"next_id": next_id, "next_page": f"{path}?{request.query_string.decode()}"}
			response.set_data(json.dumps(body))
		elif kind == "touch" and rows:
			self.simulations["late_row"](account_id=rows[0]["account_id"])

	def forget(self) -> None:
		"""Drop everything that clients created."""
		self.salt.forget()
