"""The HTML of consent sessions: plain forms without scripts, in English and French."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from dokos_banksync.sandbox.bridge.texts import translator
from dokos_banksync.sandbox.consent_pages.session import WORKING_CODE, ConsentFlow, ConsentSession

_TEMPLATES = Path(__file__).parent / "templates"
_SESSION = "/connect/<name>/<consent_session_id>"
_FORMS = ("login", "code", "accounts", "leave")
_ROUTES = Map(
	[
		Rule(_SESSION, endpoint="show", methods=["GET"]),
		Rule(f"{_SESSION}/bank/<int:institution_id>", endpoint="choose", methods=["GET"]),
		Rule(f"{_SESSION}/cancel", endpoint="cancel", methods=["GET"]),
		*(Rule(f"{_SESSION}/{step}", endpoint=step, methods=["POST"]) for step in _FORMS),
	]
)


class ConsentPages:
	"""Draws the page of a consent session and takes its forms; each form is answered by a redirect."""

	def __init__(self, desk: ConsentFlow, lock: threading.RLock, title: str) -> None:
		self._desk, self._lock, self._title = desk, lock, title
		self._templates = Environment(
			loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined
		)

	def answer(self, request: Request) -> Response:
		"""Answer a request for a page, or the form of one."""
		try:
			endpoint, arguments = _ROUTES.bind_to_environ(request.environ).match()
		except (NotFound, MethodNotAllowed) as error:
			return Response(error.description or "", status=error.code)
		with self._lock:
			consent_session = self._desk.find(arguments["consent_session_id"])
			if consent_session is None or arguments["name"] != self._desk.name:
				return self._draw(request, None, "closed", 410)
			if endpoint == "show":
				return self._page(request, consent_session)
			return self._act(request, consent_session, endpoint, arguments.get("institution_id", 0))

	def _act(
		self, request: Request, consent_session: ConsentSession, endpoint: str, institution_id: int
	) -> Response:
		consent_session.alert = ""
		back: str | None = None
		if endpoint == "choose":
			try:
				self._desk.choose(consent_session, institution_id)
			except KeyError:
				return self._draw(request, None, "closed", 404)
		elif endpoint == "cancel":
			back = self._desk.close(consent_session, cancelled=True)
		elif endpoint == "leave":
			back = self._desk.close(consent_session, cancelled=consent_session.step not in ("error", "more"))
		elif endpoint == consent_session.step:
			back = self._submit(request, consent_session)
		if back == "":
			return self._draw(request, None, "done")
		return _redirect(back or f"/connect/{self._desk.name}/{consent_session.id}")

	def _submit(self, request: Request, consent_session: ConsentSession) -> str | None:
		form, step = request.form, consent_session.step
		if step == "login":
			self._log_in(consent_session, form.get("login", "").strip(), form.get("password", ""))
		elif step == "code":
			self._desk.enter_code(consent_session, form.get("code", ""))
		elif step == "accounts":
			return self._share(consent_session, set(form.getlist("account")), consent="consent" in form)
		return None

	def _log_in(self, consent_session: ConsentSession, login: str, password: str) -> None:
		if login and password:
			self._desk.authenticate(consent_session, login, password)
		else:
			consent_session.alert = "Fill in both fields."

	def _share(self, consent_session: ConsentSession, chosen: set[str], *, consent: bool) -> str | None:
		picked = chosen & {one.id for one in self._desk.offered(consent_session)}
		if not picked:
			consent_session.alert = "Choose at least one account."
		elif not consent:
			consent_session.alert = "Your consent is needed."
		else:
			return self._desk.share(consent_session, picked)
		return None

	def _page(self, request: Request, consent_session: ConsentSession) -> Response:
		values: dict[str, Any] = {"search": request.args.get("search", ""), "code": WORKING_CODE}
		if consent_session.step in ("banks", "more"):
			wanted = values["search"].casefold().strip()
			values["banks"] = [
				one for one in self._desk.banks(consent_session) if wanted in one.name.casefold()
			]
		if consent_session.step == "accounts":
			values["accounts"] = self._desk.offered(consent_session)
		return self._draw(request, consent_session, consent_session.step, **values)

	def _draw(
		self,
		request: Request,
		consent_session: ConsentSession | None,
		page: str,
		status: int = 200,
		**values: Any,
	) -> Response:
		french = request.accept_languages.best_match(["en", "fr"], "en") == "fr"
		home = f"/connect/{self._desk.name}/{consent_session.id}" if consent_session else ""
		text = self._templates.get_template(f"{page}.html").render(
			consent_session=consent_session,
			home=home,
			title=self._title,
			_=translator(french),
			lang="fr" if french else "en",
			**values,
		)
		response = Response(text, status=status, mimetype="text/html")
		response.headers["Content-Security-Policy"] = _policy(
			consent_session.return_to if consent_session else ""
		)
		response.headers["X-Content-Type-Options"] = "nosniff"
		response.headers["Referrer-Policy"] = "no-referrer"
		response.headers["Cache-Control"] = "no-store"
		return response


def _policy(return_to: str) -> str:
	"""Browsers apply form-action to the redirect after a form too, so the return address's origin is allowed."""
	parts = urlsplit(return_to)
	origin = f" {parts.scheme}://{parts.netloc}" if return_to else ""
	return (
		f"default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'{origin}"
	)


def _redirect(address: str) -> Response:
	return Response(status=303, headers={"Location": address, "Cache-Control": "no-store"})
