"""The HTML of visits: plain forms without scripts, in English and French."""

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
from dokos_banksync.sandbox.visits.visit import WORKING_CODE, ConsentPages, Visit

_TEMPLATES = Path(__file__).parent / "templates"
_VISIT = "/connect/<name>/<visit_id>"
_FORMS = ("login", "code", "accounts", "leave")
_ROUTES = Map(
	[
		Rule(_VISIT, endpoint="show", methods=["GET"]),
		Rule(f"{_VISIT}/bank/<int:institution_id>", endpoint="choose", methods=["GET"]),
		Rule(f"{_VISIT}/cancel", endpoint="cancel", methods=["GET"]),
		*(Rule(f"{_VISIT}/{step}", endpoint=step, methods=["POST"]) for step in _FORMS),
	]
)


class VisitPages:
	"""Draws the page of a visit and takes its forms; each form is answered by a redirect."""

	def __init__(self, desk: ConsentPages, lock: threading.RLock, title: str) -> None:
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
			visit = self._desk.find(arguments["visit_id"])
			if visit is None or arguments["name"] != self._desk.name:
				return self._draw(request, None, "closed", 410)
			if endpoint == "show":
				return self._page(request, visit)
			return self._act(request, visit, endpoint, arguments.get("institution_id", 0))

	def _act(self, request: Request, visit: Visit, endpoint: str, institution_id: int) -> Response:
		visit.alert = ""
		back: str | None = None
		if endpoint == "choose":
			try:
				self._desk.choose(visit, institution_id)
			except KeyError:
				return self._draw(request, None, "closed", 404)
		elif endpoint == "cancel":
			back = self._desk.close(visit, cancelled=True)
		elif endpoint == "leave":
			back = self._desk.close(visit, cancelled=visit.step not in ("error", "more"))
		elif endpoint == visit.step:
			back = self._submit(request, visit)
		if back == "":
			return self._draw(request, None, "done")
		return _redirect(back or f"/connect/{self._desk.name}/{visit.id}")

	def _submit(self, request: Request, visit: Visit) -> str | None:
		form, step = request.form, visit.step
		if step == "login":
			self._log_in(visit, form.get("login", "").strip(), form.get("password", ""))
		elif step == "code":
			self._desk.give_code(visit, form.get("code", ""))
		elif step == "accounts":
			return self._share(visit, set(form.getlist("account")), consent="consent" in form)
		return None

	def _log_in(self, visit: Visit, login: str, password: str) -> None:
		if login and password:
			self._desk.authenticate(visit, login, password)
		else:
			visit.alert = "Fill in both fields."

	def _share(self, visit: Visit, chosen: set[str], *, consent: bool) -> str | None:
		picked = chosen & {one.id for one in self._desk.offered(visit)}
		if not picked:
			visit.alert = "Choose at least one account."
		elif not consent:
			visit.alert = "Your consent is needed."
		else:
			return self._desk.share(visit, picked)
		return None

	def _page(self, request: Request, visit: Visit) -> Response:
		values: dict[str, Any] = {"search": request.args.get("search", ""), "code": WORKING_CODE}
		if visit.step in ("banks", "more"):
			wanted = values["search"].casefold().strip()
			values["banks"] = [one for one in self._desk.banks(visit) if wanted in one.name.casefold()]
		if visit.step == "accounts":
			values["accounts"] = self._desk.offered(visit)
		return self._draw(request, visit, visit.step, **values)

	def _draw(
		self, request: Request, visit: Visit | None, page: str, status: int = 200, **values: Any
	) -> Response:
		french = request.accept_languages.best_match(["en", "fr"], "en") == "fr"
		home = f"/connect/{self._desk.name}/{visit.id}" if visit else ""
		text = self._templates.get_template(f"{page}.html").render(
			visit=visit,
			home=home,
			title=self._title,
			_=translator(french),
			lang="fr" if french else "en",
			**values,
		)
		response = Response(text, status=status, mimetype="text/html")
		response.headers["Content-Security-Policy"] = _policy(visit.return_to if visit else "")
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
