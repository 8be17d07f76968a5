"""The Connect pages: plain HTML forms, no script, French and English."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from dokos_banksync.sandbox.bridge.connect_flow import WORKING_CODE, ConnectFlow
from dokos_banksync.sandbox.bridge.model import ConnectSession
from dokos_banksync.sandbox.bridge.outcomes import describe
from dokos_banksync.sandbox.bridge.state import Bridge
from dokos_banksync.sandbox.bridge.texts import translator
from dokos_banksync.sandbox.institutions import Institution

_TEMPLATES = Path(__file__).parent / "templates"
_SESSION = "/connect/session/<session_id>"
_ROUTES = Map(
	[
		Rule("/connect/style.css", endpoint="style", methods=["GET"]),
		Rule("/connect/logo/<int:institution_id>.svg", endpoint="logo", methods=["GET"]),
		Rule(_SESSION, endpoint="show", methods=["GET"]),
		Rule(f"{_SESSION}/banks", endpoint="back", methods=["GET"]),
		Rule(f"{_SESSION}/bank/<int:institution_id>", endpoint="choose", methods=["GET"]),
		Rule(f"{_SESSION}/credentials", endpoint="edit", methods=["GET"]),
		Rule(f"{_SESSION}/cancel", endpoint="cancel", methods=["GET"]),
		*(
			Rule(f"{_SESSION}/{step}", endpoint=step, methods=["POST"])
			for step in ("login", "code", "app", "accounts", "leave")
		),
	]
)
_PAGES = {
	"list_banks": "banks.html", "bank_creds_form": "login.html", "otp_form": "code.html", "app_form": "app.html",
	"accounts": "accounts.html", "sync_error": "error.html",
}  # fmt: skip
_STEP_OF = {"login": "bank_creds_form", "code": "otp_form", "app": "app_form", "accounts": "accounts"}


class Pages:
	"""Draws a session's page and takes its forms. Every form is answered by a redirect, so that the browser's
	reload and back button do no harm.
	"""

	def __init__(self, bridge: Bridge) -> None:
		self.bridge = bridge
		self._templates = Environment(
			loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined
		)

	def answer(self, request: Request) -> Response:
		"""Answer a browser on the Connect pages."""
		try:
			endpoint, arguments = _ROUTES.bind_to_environ(request.environ).match()
		except (NotFound, MethodNotAllowed) as error:
			return Response(error.description or "", status=error.code)
		if endpoint == "style":
			return Response((_TEMPLATES / "style.css").read_text("utf-8"), mimetype="text/css")
		if endpoint == "logo":
			return self._logo(arguments["institution_id"])
		with self.bridge.lock:
			return self._in_session(request, endpoint, **arguments)

	def _in_session(
		self, request: Request, endpoint: str, session_id: str, institution_id: int = 0
	) -> Response:
		session = self.bridge.sessions.get(session_id)
		ended = session is None or session.closed or self._expired(session)
		if session is None or ended or not self._has_its_item(session):
			return self._draw(request, "closed.html", 410)
		flow = ConnectFlow(self.bridge, session)
		if endpoint == "show":
			return self._page(request, flow)
		if endpoint == "choose":
			try:
				flow.choose(institution_id)
			except KeyError:
				return self._draw(request, "closed.html", 404)
			return self._page(request, flow)
		back = self._act(request, flow, endpoint)
		if back == "":
			return self._draw(request, "done.html")
		return _redirect(back or f"/connect/session/{session_id}")

	def _act(self, request: Request, flow: ConnectFlow, endpoint: str) -> str | None:
		"""Do what a link or form asks. The callback's address when that ends the session."""
		form = request.form
		if endpoint == "cancel":
			return flow.cancel()
		if endpoint == "leave":
			return flow.leave()
		if endpoint == "back":
			flow.back()
		elif endpoint == "edit":
			flow.edit_credentials()
		elif _STEP_OF[endpoint] != flow.session.step:
			return None
		elif endpoint == "login":
			flow.log_in(form.get("login", ""), form.get("password", ""))
		elif endpoint == "code":
			flow.enter_code(form.get("code", ""))
		elif endpoint == "app":
			flow.approve()
		else:
			chosen = {int(value) for value in form.getlist("account") if value.isdigit()}
			return flow.share(chosen, consent="consent" in form)
		return None

	def _page(self, request: Request, flow: ConnectFlow) -> Response:
		session = flow.session
		values: dict[str, Any] = {
			"flow": flow,
			"session": session,
			"working_code": WORKING_CODE,
			"search": "",
		}
		if session.step == "list_banks":
			values["search"] = request.args.get("search", "")
			values["banks"] = flow.institutions(values["search"])
		elif session.step == "accounts":
			values["accounts"] = flow.offered()
			values["today"] = self.bridge.world.clock.today()
		values["failure"] = self._failure(request, session)
		response = self._draw(request, _PAGES[session.step], **values)
		session.alert = ""
		return response

	def _failure(self, request: Request, session: ConnectSession) -> str | None:
		item = session.user.items.get(session.item_id or 0)
		status = item.status if item is not None else 0
		return describe(status, _french(request)) if status > 0 else None

	def _draw(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
		french = _french(request)
		values.update(_=translator(french), lang="fr" if french else "en")
		text = self._templates.get_template(template).render(**values)
		response = Response(text, status=status, mimetype="text/html")
		session = values.get("session")
		response.headers["Content-Security-Policy"] = _policy(session.callback_url if session else None)
		response.headers["X-Content-Type-Options"] = "nosniff"
		response.headers["Referrer-Policy"] = "no-referrer"
		response.headers["Cache-Control"] = "no-store"
		return response

	def _logo(self, institution_id: int) -> Response:
		institution: Institution | None = self.bridge.world.institutions.get(institution_id)
		if institution is None:
			return Response(status=404)
		initials = "".join(word[0] for word in institution.name.split() if word[0].isupper())[:2]
		text = self._templates.get_template("logo.svg").render(color=institution.color, initials=initials)
		return Response(text, mimetype="image/svg+xml")

	def _expired(self, session: ConnectSession) -> bool:
		return self.bridge.now() - session.created_at > self.bridge.settings.session_life

	def _has_its_item(self, session: ConnectSession) -> bool:
		return session.item_id is None or session.item_id in session.user.items


def _policy(callback_url: str | None) -> str:
	"""Browsers hold the redirect after a form against form-action too, so the callback's origin is in it."""
	parts = urlsplit(callback_url or "")
	origin = f" {parts.scheme}://{parts.netloc}" if callback_url else ""
	return (
		f"default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'{origin}"
	)


def _redirect(address: str) -> Response:
	return Response(status=303, headers={"Location": address, "Cache-Control": "no-store"})


def _french(request: Request) -> bool:
	return request.accept_languages.best_match(["en", "fr"], "en") == "fr"
