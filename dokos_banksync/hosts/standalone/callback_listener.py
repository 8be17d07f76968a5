"""The callback page of the command line: a web server on this machine, for one consent session."""

from __future__ import annotations

import contextlib
import hmac
import os
import queue
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qsl, urlsplit

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.pending_sessions import state_of
from dokos_banksync.core.errors import LoginRequired
from dokos_banksync.hosts.standalone.ports import unusable_port

HOST = "127.0.0.1"
PATH = "/return"
REGISTERED_PORT = 8575
"""The port to return to where the address has to be registered at the provider beforehand."""

_PAGE = """<!doctype html>
<html lang="{0}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>banksync</title><body style="font: 1.1rem system-ui; margin: 4rem auto; max-width: 32rem">
<p>{1}</p></body></html>
"""


class NotReturned(LoginRequired):
	"""No user came back in time."""

	def __init__(self) -> None:
		super().__init__(
			"The provider's page was not completed in time: start again, and wait longer with --timeout"
		)


class ReturnPage:
	"""Waits for one return on loopback; a context manager.

	Anything but a return with the awaited state (a favicon, a guess, another site's page that calls this
	port) gets an answer and changes nothing.
	"""

	def __init__(self, port: int = 0, language: str = "en") -> None:
		"""`port` 0 takes any free one. Raises `ConfigurationError` when the port cannot be had."""
		self._returns: queue.Queue[dict[str, str]] = queue.Queue(maxsize=1)
		self._state = ""
		self.translations = Translations(language)
		try:
			self._server = _Server((HOST, port), _Handler)
		except (OSError, OverflowError) as error:
			raise unusable_port(port, HOST, error) from None
		self._server.page = self
		self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

	@property
	def url(self) -> str:
		"""Return the address that the provider sends the user back to."""
		return f"http://{HOST}:{self._server.server_port}{PATH}"

	def __enter__(self) -> ReturnPage:
		self._thread.start()
		return self

	def __exit__(
		self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
	) -> None:
		self._server.shutdown()
		self._server.server_close()
		self._thread.join()

	def expect(self, state: str) -> None:
		"""Accept a return with this state from now on; before, none is."""
		self._state = state

	def wait(self, timeout: float) -> dict[str, str]:
		"""Return the query that a user came back with. Raises `NotReturned` after `timeout` seconds."""
		try:
			return self._returns.get(timeout=timeout)
		except queue.Empty:
			raise NotReturned from None

	def returned(self, seconds: float) -> dict[str, str]:
		"""Wait for a user to come back; return the query, or an empty one after so many seconds."""
		try:
			return self._returns.get(timeout=seconds)
		except queue.Empty:
			return {}

	def receive(self, target: str) -> tuple[HTTPStatus, str]:
		"""Take a request's path and query; the status and the sentence to answer."""
		parts = urlsplit(target)
		if parts.path != PATH:
			return HTTPStatus.NOT_FOUND, "There is nothing here."
		query = dict(parse_qsl(parts.query, keep_blank_values=True))
		if not self._state or not hmac.compare_digest(state_of(query).encode(), self._state.encode()):
			return HTTPStatus.BAD_REQUEST, "This address belongs to no open session."
		# Full when the page is loaded again: the first return counts.
		with contextlib.suppress(queue.Full):
			self._returns.put_nowait(query)
		return HTTPStatus.OK, "You can close this tab now. The terminal says what came of it."


class _Server(ThreadingHTTPServer):
	# A browser opens connections ahead of time and leaves them idle: none may keep the program from ending.
	daemon_threads = True
	block_on_close = False
	# Windows would share a port with a server that is still up, and send the user to either of the two. Elsewhere a
	# port is free again at once, for the next bank: the address that is registered at a provider has one port.
	allow_reuse_address = os.name == "posix"
	page: ReturnPage


class _Handler(BaseHTTPRequestHandler):
	server: _Server
	server_version = "banksync"
	sys_version = ""
	timeout = 10

	def do_GET(self) -> None:
		"""Answer the browser; only calls to this machine's own name are read."""
		host = self.headers.get("Host", "").rsplit(":", 1)[0]
		if host not in (HOST, "localhost"):
			self._answer(HTTPStatus.BAD_REQUEST, "This page is for this machine alone.")
			return
		status, sentence = self.server.page.receive(self.path)
		self._answer(status, sentence)

	def _answer(self, status: HTTPStatus, sentence: str) -> None:
		translations = self.server.page.translations
		body = _PAGE.format(translations.language, translations(sentence)).encode()
		self.send_response(status)
		for name, value in (
			("Content-Type", "text/html; charset=utf-8"),
			("Content-Length", str(len(body))),
			("Cache-Control", "no-store"),
			("Referrer-Policy", "no-referrer"),
			("X-Content-Type-Options", "nosniff"),
			("Connection", "close"),
		):
			self.send_header(name, value)
		self.end_headers()
		self.wfile.write(body)

	def log_message(self, format: str, *args: object) -> None:  # noqa: A002
		"""Say nothing: the terminal belongs to the command."""
