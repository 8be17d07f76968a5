"""From a request to its response: access, routing, and errors."""

from __future__ import annotations

import logging
import mimetypes
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode
from uuid import uuid4

from werkzeug.exceptions import Forbidden, HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.i18n import Translations, choose
from dokos_banksync.actions.registry import METHODS, Method
from dokos_banksync.actions.runs import DEFECT
from dokos_banksync.core import errors
from dokos_banksync.core.texts import printable
from dokos_banksync.hosts.standalone.entry_tokens import EntryTokens
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.hosts.standalone.web import (
	account_pages,
	callback,
	lists,
	pages,
	provider_pages,
	security,
	transaction_pages,
)
from dokos_banksync.hosts.standalone.web.double_click_guard import DoubleClickGuard
from dokos_banksync.hosts.standalone.web.failures import failure, http_failure, json_answer, message_page
from dokos_banksync.hosts.standalone.web.jobs import Jobs
from dokos_banksync.hosts.standalone.web.provider_calls import ProviderCalls
from dokos_banksync.hosts.standalone.web.rendering import ASSETS, STATIC, translations_script
from dokos_banksync.hosts.standalone.web.request_context import CALLBACK, Call, PageHandler
from dokos_banksync.hosts.standalone.web.sessions import LASTS, Sessions
from dokos_banksync.hosts.standalone.web.webhook import PATH as WEBHOOKS
from dokos_banksync.hosts.standalone.web.webhook import Webhooks

if TYPE_CHECKING:
	from _typeshed.wsgi import StartResponse, WSGIEnvironment

_CALLS = "/api/method/"
_FOLDERS = {"/static/": STATIC, "/assets/dokos_banksync/js/": ASSETS}
_PAGES_ASKING, _WEBHOOKS_ASKING = 3, 2
"""Requests that may wait for a provider at once: fewer together than the workers of the server."""
_log = logging.getLogger(__name__)


def _rule(path: str, handler: PageHandler, method: str = "GET") -> Rule:
	return Rule(path, endpoint=handler, methods=[method])


ROUTES = Map(
	[
		_rule("/", pages.home),
		_rule("/bank", pages.banks),
		_rule("/bank", pages.add_bank, "POST"),
		_rule("/bank/<path:name>", pages.bank),
		_rule("/bank-account", account_pages.accounts),
		_rule("/bank/<path:name>", pages.change_bank, "POST"),
		_rule("/new/bank-account", account_pages.new_account),
		_rule("/new/bank-account", account_pages.add_account, "POST"),
		_rule("/bank-account/<path:name>", account_pages.account),
		_rule("/bank-account/<path:name>", account_pages.change_account, "POST"),
		_rule("/bank-transaction", lists.transactions),
		_rule("/bank-transaction/<path:name>", transaction_pages.transaction),
		_rule("/bank-transaction/<path:name>", transaction_pages.set_category, "POST"),
		_rule("/bank-transaction-category", lists.categories),
		_rule("/bank-transaction-category/<path:name>", lists.category),
		_rule("/bank-transaction-category/<path:name>", lists.move_category, "POST"),
		_rule("/sync-connection", pages.connections),
		_rule("/sync-connection/<path:name>", pages.connection),
		_rule("/sync-line/<path:name>", transaction_pages.line),
		_rule("/sync-certificate", account_pages.certificates),
		_rule("/sync-certificate/<path:name>", account_pages.certificate),
		_rule("/sync-run", pages.runs),
		_rule("/sync-run/<path:name>", pages.run),
		_rule("/sync-provider", provider_pages.providers),
		_rule("/new/sync-provider", provider_pages.new_provider),
		_rule("/new/sync-provider", provider_pages.add_provider, "POST"),
		_rule("/sync-provider/<path:name>", provider_pages.provider),
		_rule("/sync-provider/<path:name>", provider_pages.change_provider, "POST"),
		_rule(CALLBACK, callback.receive),
		_rule("/api/progress", pages.progress),
	],
	strict_slashes=False,
	merge_slashes=False,
)


class WebApp:
	"""The WSGI application of one site. `hosts` are the names it answers to; all others are turned away."""

	def __init__(self, site: Site, hosts: Iterable[str] = security.LOOPBACK, email: str = "") -> None:
		self.site = site
		self.hosts = frozenset(hosts)
		self.email = email
		self.tokens = EntryTokens(site.home)
		self.sessions = Sessions(self.tokens)
		self.clicks = DoubleClickGuard(site.clock)
		self.jobs = Jobs()
		self.webhooks = Webhooks(site, self.jobs)
		self.providers = ProviderCalls()
		self._pages = BoundedSemaphore(_PAGES_ASKING)
		self._signed = BoundedSemaphore(_WEBHOOKS_ASKING)
		site.before_provider = self.providers.begin

	def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
		"""Answer a WSGI call."""
		request = security.BoundedRequest(environ)
		slots = self._signed if request.path.startswith(WEBHOOKS) else self._pages
		with self.providers.request(slots):
			answer = self.respond(request)
		# Paths only: the query of the first request holds the token, that of a return the state.
		_log.debug("%s %s %s", request.method, printable(request.path), answer.status_code)
		return security.cover(answer)(environ, start_response)

	def respond(self, request: Request) -> Response:
		"""Answer a request, in the language that its browser prefers."""
		translations = Translations(choose(request.headers.get("Accept-Language", ""), self.site.language))
		try:
			if not security.host_is_ours(request, self.hosts):
				return message_page(
					translations,
					421,
					"This address is not this site's",
					"Use the address that the command printed.",
				)
			return _public(request) or self.webhooks.answer(request) or self._answer(request, translations)
		except HTTPException as error:
			return http_failure(request, translations, error)
		except errors.SyncError as error:
			return failure(request, translations, error)
		except Exception:  # noqa: BLE001 - the outermost edge of a request: a defect must not show its insides
			reference = uuid4().hex[:12]
			_log.exception("request failed, reference %s", reference)
			return failure(request, translations, errors.SyncError(DEFECT, reference=reference))

	def _answer(self, request: Request, translations: Translations) -> Response:
		if request.args.get("token") is not None and request.method == "GET":
			return self._open(request, translations)
		session = self.sessions.find(request.cookies.get(_cookie(request), ""))
		if session is None:
			return message_page(translations, 403, "You are not logged in", _HOW_TO_OPEN)
		if "lang" in request.args and request.method == "GET":
			session.language = choose(request.args["lang"], session.language)
			return redirect(_without(request, "lang"), 303)
		session.email = session.email or self.email
		spoken = Translations(session.language) if session.language else translations
		call = Call(
			site=self.site,
			request=request,
			session=session,
			translations=spoken,
			jobs=self.jobs,
			clicks=self.clicks,
		)
		try:
			return self._log_out(call) if _logs_out(call) else _dispatch(call)
		except errors.SyncError as error:
			return _form_again(call, error) or failure(request, spoken, error)

	def _open(self, request: Request, translations: Translations) -> Response:
		"""Log a browser in with a token, which is used up; the address goes on without it."""
		session_id = self.sessions.open(request.args["token"])
		if session_id is None:
			if self.sessions.find(request.cookies.get(_cookie(request), "")):
				return redirect(_without(request, "token"), 303)  # the page was loaded again
			return message_page(
				translations, 403, "This address was used already, or has expired", _HOW_TO_OPEN
			)
		response = redirect(_without(request, "token"), 303)
		response.set_cookie(
			_cookie(request), session_id, max_age=LASTS, httponly=True, samesite="Lax", path="/"
		)
		return response

	def _log_out(self, call: Call) -> Response:
		self.sessions.close(call.session)
		response = message_page(call.translations, 200, "You are logged out", _HOW_TO_OPEN)
		response.delete_cookie(_cookie(call.request), path="/", httponly=True, samesite="Lax")
		return response

	def close(self) -> None:
		"""End the work that goes on after an answer."""
		self.jobs.close()


_HOW_TO_OPEN = (
	"Run “banksync login” and open the address that it prints. It lets one browser in, once, within ten minutes; "
	"so does the one of “banksync serve”."
)


def _cookie(request: Request) -> str:
	"""Browsers share cookies between the ports of a machine; two sites must not overwrite each other's."""
	return f"banksync_{request.environ['SERVER_PORT']}"


def _without(request: Request, name: str) -> str:
	"""Return the same address, on this site, without one parameter.

	The path is quoted again: browsers drop tabs and line ends from an address and read a backslash as a slash, so
	that `/<tab>/example.org` would lead to another site.
	"""
	rest = [(key, value) for key, value in request.args.items(multi=True) if key != name]
	path = quote("/" + request.path.lstrip("/\\"), safe="/")
	return path + (f"?{urlencode(rest)}" if rest else "")


def _public(request: Request) -> Response | None:
	"""Return what anyone on this machine may see: scripts, styles and phrases."""
	folder, _, name = request.path.rpartition("/")
	if request.method not in ("GET", "HEAD"):
		return None
	if folder == "/phrases" and name.endswith(".js"):
		script = translations_script(name.removesuffix(".js"))
		if script is None:
			raise NotFound
		return Response(script, mimetype="text/javascript", headers={"Cache-Control": "no-cache"})
	for prefix, directory in _FOLDERS.items():
		if request.path.startswith(prefix):
			return _file(directory, request.path.removeprefix(prefix), request)
	return None


def _file(directory: Path, name: str, request: Request) -> Response:
	"""Return a file of ours, looked up in a list of them: no other path reaches the disk."""
	path = _files(directory).get(name)
	if path is None:
		raise NotFound
	kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
	response = Response(path.read_bytes(), mimetype=kind, headers={"Cache-Control": "no-cache"})
	response.add_etag()
	return response.make_conditional(request)


@lru_cache
def _files(directory: Path) -> Mapping[str, Path]:
	return {path.relative_to(directory).as_posix(): path for path in directory.rglob("*") if path.is_file()}


def _logs_out(call: Call) -> bool:
	if call.request.path != "/logout" or call.request.method != "POST":
		return False
	if not security.may_write(call.request, call.session):
		raise Forbidden
	return True


def _dispatch(call: Call) -> Response:
	request = call.request
	if request.method not in ("GET", "HEAD") and not security.may_write(request, call.session):
		raise Forbidden
	if request.path.startswith(_CALLS):
		return _call_method(call, METHODS.get(request.path.removeprefix(_CALLS)))
	handler, arguments = ROUTES.bind_to_environ(request.environ).match()
	response: Response = handler(call, **arguments)
	return response


def _form_again(call: Call, error: errors.SyncError) -> Response | None:
	"""Return the page of the form that was sent, with what was entered and the error at its field.

	None for what was no form of a page, or where its page cannot be shown.
	"""
	if call.request.method != "POST" or call.request.path.startswith("/api/"):
		return None
	try:
		handler, arguments = ROUTES.bind_to_environ(call.request.environ).match(method="GET")
		response: Response = handler(replace(call, refused=error), **arguments)
	except (HTTPException, errors.SyncError):
		return None
	response.status_code = error.http_status
	return response


def _call_method(call: Call, method: Method | None) -> Response:
	if method is None:
		raise NotFound
	if call.request.method != "POST":
		raise MethodNotAllowed(["POST"])
	given = Arguments(call.request.get_json(silent=True))
	return json_answer({"message": method(call, given)})
