"""The sandbox as one WSGI application: Bridge's API, its Connect pages, and the control of the world."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from dokos_banksync.sandbox.bridge.api import Api
from dokos_banksync.sandbox.bridge.pages import Pages
from dokos_banksync.sandbox.bridge.simulations import touch_row
from dokos_banksync.sandbox.bridge.state import Bridge
from dokos_banksync.sandbox.clock import iso
from dokos_banksync.sandbox.control import Control
from dokos_banksync.sandbox.faces import Face
from dokos_banksync.sandbox.faults import Fault, Faults
from dokos_banksync.sandbox.httpd import BrokenOff, answer_bytes

_AMOUNTS = frozenset({"amount", "value"})
"""What the providers call the amount of a row."""
_HTML = "<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(frozen=True)
class LoggedCall:
	"""One call that came in, and the status it got (0 when the connection was broken off)."""

	method: str
	path: str
	query: str
	status: int
	at: str


class SandboxApp:
	"""`calls` are those to the API and the pages, oldest first. `closing` ends what hangs on purpose."""

	def __init__(self, bridge: Bridge, faces: Sequence[Face] = ()) -> None:
		self.bridge = bridge
		self.faces = {face.name: face for face in faces}
		self.faults = Faults()
		self.calls: list[LoggedCall] = []
		self.closing = threading.Event()
		self._api, self._pages, self._control = (
			Api(bridge),
			Pages(bridge),
			Control(bridge, self.faults, self.calls, self.faces),
		)

	def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
		"""Answer a WSGI call."""
		request = Request(environ)
		if request.path.startswith("/_sandbox"):
			return self._control.answer(request)(environ, start_response)
		status = 0
		try:
			response = self._strike(request, self.faults.hit(request.method, request.path))
			status = response.status_code
		finally:
			self._log(request, status)
		return response(environ, start_response)

	def _log(self, request: Request, status: int) -> None:
		query = request.query_string.decode("latin-1")
		self.calls.append(
			LoggedCall(request.method, request.path, query=query, status=status, at=iso(self.bridge.now()))
		)

	def _answer(self, request: Request) -> Response:
		self.bridge.world.refresh_when_due()
		face = self._face(request)
		if face is not None:
			return face.answer(request)
		if request.path.startswith("/v3/"):
			return self._api.answer(request)
		return self._pages.answer(request)

	def _face(self, request: Request) -> Face | None:
		return next((one for one in self.faces.values() if request.path.startswith(one.prefixes)), None)

	def _strike(self, request: Request, faults: list[Fault]) -> Response:
		"""Return the answer, spoilt by each fault in turn."""
		for fault in faults:
			if fault.kind in ("latency", "timeout"):
				self.closing.wait(fault.seconds)
			if fault.kind in ("timeout", "drop"):
				raise BrokenOff
			if fault.kind == "status":
				face = self._face(request)
				return face.refuse(fault) if face is not None else _refused(fault)
		response = self._answer(request)
		for fault in faults:
			self._spoil(request, response, fault.kind)
		return response

	def _spoil(self, request: Request, response: Response, kind: str) -> None:
		text, face = response.get_data(), self._face(request)
		if kind in ("repeat_page", "touch") and face is not None:
			face.spoil(kind, request, response)
			return
		if kind == "half":
			headers = response.get_wsgi_headers(request.environ)
			raw = answer_bytes(response.status, headers.to_wsgi_list(), text)
			raise BrokenOff(raw[: len(raw) - len(text) // 2 - 1])
		elif kind == "truncated":
			response.set_data(text[: len(text) // 2])
		elif kind == "html":
			response.set_data(_HTML)
			response.content_type = "text/html; charset=utf-8"
		elif kind == "nonsense":
			response.set_data('{"surprise": [true]}')
		elif kind == "garbled":
			response.set_data(json.dumps(garbled(json.loads(text))))
		elif kind == "repeat_page":
			body = json.loads(text)
			body["pagination"] = {"next_uri": request.full_path.rstrip("?")}
			response.set_data(json.dumps(body))
		elif kind == "touch":
			rows = json.loads(text).get("resources", [])
			for row in [one for one in rows if "account_id" in one][:1]:
				touch_row(self.bridge, row["account_id"], row["id"])


def garbled(value: Any) -> Any:
	"""Return JSON whose amounts are no numbers."""
	if isinstance(value, list):
		return [garbled(one) for one in value]
	if not isinstance(value, dict):
		return value
	return {
		name: "n/a" if name in _AMOUNTS and not isinstance(one, dict) else garbled(one)
		for name, one in value.items()
	}


def _refused(fault: Fault) -> Response:
	code = "too_many_requests" if fault.status == 429 else "internal_error"
	body = json.dumps({"code": code, "message": "A fault that was asked for"})
	response = Response(body, status=fault.status, content_type="application/json; charset=utf-8")
	if fault.retry_after is not None:
		response.headers["Retry-After"] = str(fault.retry_after)
	return response
