"""The web server: loopback only, unless somebody says otherwise in so many words."""

from __future__ import annotations

import logging
import secrets
import socket
from threading import Thread
from types import TracebackType

from werkzeug.serving import BaseWSGIServer, ThreadedWSGIServer, WSGIRequestHandler

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.hosts.standalone.web.app import WebApp
from dokos_banksync.hosts.standalone.web.security import LOOPBACK

_log = logging.getLogger(__name__)


class WebServer:
	"""Serves a site from a thread of its own; a context manager.

	`port` 0 takes any free one. `host` other than loopback wants `exposed`: the pages then travel over the
	network without encryption, and only whoever holds the token gets in. `email` is the person's, for
	providers that want one. The site stays open when the server ends: it belongs to the caller.
	Raises `ConfigurationError` for a host or port that cannot be had.
	"""

	def __init__(
		self,
		site: Site,
		host: str = "127.0.0.1",
		port: int = 0,
		*,
		exposed: bool = False,
		email: str = "",
		token: str = "",
	) -> None:
		if host not in LOOPBACK and not exposed:
			raise ConfigurationError(
				"{0} can be reached by others: the site serves this machine only, unless you allow more", host
			)
		self.token = token or secrets.token_urlsafe(24)
		hosts = {*LOOPBACK, host, *([socket.gethostname()] if exposed else [])}
		self.app = WebApp(site, self.token, hosts, email)
		self._server = _bind(host, port, self.app)
		self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

	@property
	def url(self) -> str:
		"""Return the server's address."""
		host = f"[{self._server.host}]" if ":" in self._server.host else self._server.host
		return f"http://{host}:{self._server.port}"

	@property
	def entry(self) -> str:
		"""The address to open; it bears the token."""
		return f"{self.url}/?token={self.token}"

	def __enter__(self) -> WebServer:
		self._thread.start()
		return self

	def __exit__(
		self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
	) -> None:
		self.close()

	def wait(self) -> None:
		"""Until the server ends."""
		self._thread.join()

	def close(self) -> None:
		"""Stop listening, then let the run that is under way stop at its next step."""
		if self._thread.is_alive():
			self._server.shutdown()
			self._thread.join()
		self._server.server_close()
		self.app.close()


def _bind(host: str, port: int, app: WebApp) -> BaseWSGIServer:
	# Werkzeug ends the whole process when a port is taken: the socket is bound here, to say it in a sentence.
	family = socket.AF_INET6 if ":" in host else socket.AF_INET
	listening = socket.socket(family, socket.SOCK_STREAM)
	try:
		listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		listening.bind((host, port))
		listening.listen(128)
		return _Server(host, port, app, _Handler, fd=listening.fileno())
	except (OSError, OverflowError) as error:
		raise ConfigurationError(
			"Port {0} of {1} cannot be used: another program may have it, choose another with --port",
			*(port, host),
		) from error
	finally:
		listening.close()


class _Server(ThreadedWSGIServer):
	daemon_threads = True
	# A browser opens connections ahead of time and leaves them idle: none may keep the program from ending.
	block_on_close = False


class _Handler(WSGIRequestHandler):
	protocol_version = "HTTP/1.1"
	timeout = 20

	def version_string(self) -> str:
		"""Return the server's name without versions."""
		return "banksync"

	def log_request(self, code: int | str = "-", size: int | str = "-") -> None:  # noqa: ARG002
		"""Paths only: the query of the first request holds the token, that of a return the state."""
		_log.debug("%s %s %s", self.command, self.path.partition("?")[0], code)

	def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002, ARG002
		"""Log a message of the server."""
		_log.debug(message, *args)


def serve(
	site: Site, host: str = "127.0.0.1", port: int = 0, *, exposed: bool = False, email: str = ""
) -> WebServer:
	"""Start a server for the site and return it, ready to be opened at `entry` and ended with `close()`."""
	return WebServer(site, host, port, exposed=exposed, email=email).__enter__()
