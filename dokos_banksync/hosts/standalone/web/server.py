"""The web server: loopback only, unless the owner allows more explicitly."""

from __future__ import annotations

import logging
import socket
from threading import Thread
from types import TracebackType

from waitress import wasyncore
from waitress.adjustments import Adjustments

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.hosts.standalone.ports import check_host, unusable_port
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.hosts.standalone.web.app import WebApp
from dokos_banksync.hosts.standalone.web.connections import SETTINGS, ConnectionServer
from dokos_banksync.hosts.standalone.web.security import LOOPBACK

# The log of a busy server does not go to the terminal of the user.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)


class WebServer:
	"""Serves a site from a thread of its own; a context manager.

	`port` 0 takes any free one. `host` other than loopback requires `exposed`: the pages then travel over the
	network without encryption, and only whoever holds a token gets in. `email` is the user's, for providers that
	require one. The site stays open when the server ends: it belongs to the caller.
	Raises `ConfigurationError` for a host or port that cannot be used.
	"""

	def __init__(
		self, site: Site, host: str = "127.0.0.1", port: int = 0, *, exposed: bool = False, email: str = ""
	) -> None:
		if host not in LOOPBACK and not exposed:
			check_host(host)
			raise ConfigurationError(
				"{0} can be reached by others: the site serves this machine only, unless --expose allows more",
				host,
			)
		hosts = {*LOOPBACK, host, *([socket.gethostname()] if exposed else [])}
		self.app = WebApp(site, hosts, email)
		self._server = _bind(host, port, self.app)
		self._closing = False
		self._thread = Thread(target=self._run, daemon=True)

	@property
	def url(self) -> str:
		"""Return the address of the site, without a token."""
		host, port = self._server.effective_host, self._server.effective_port
		return f"http://{f'[{host}]' if ':' in host else host}:{port}"

	def new_entry(self) -> str:
		"""Return an address that lets one browser in, once, within ten minutes."""
		return f"{self.url}/?token={self.app.tokens.issue()}"

	def __enter__(self) -> WebServer:
		self._thread.start()
		return self

	def __exit__(
		self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
	) -> None:
		self.close()

	def wait(self) -> None:
		"""Wait until the server ends."""
		self._thread.join()

	def _run(self) -> None:
		while not self._closing:
			wasyncore.loop(timeout=1.0, use_poll=True, map=self._server._map, count=1)

	def close(self) -> None:
		"""Stop listening, let the requests under way end, then the run that is under way at its next step."""
		self._closing = True
		if self._thread.is_alive():
			self._server.pull_trigger()
			self._thread.join()
		# `ConnectionServer.close` would close the trigger, too, into which the requests under way write when they end.
		trigger = self._server.trigger
		wasyncore.dispatcher.close(self._server)
		wasyncore.close_all({at: one for at, one in self._server._map.items() if one is not trigger})
		self._server.task_dispatcher.shutdown(timeout=self.app.providers.seconds + 5)
		trigger.close()
		self.app.close()


def _bind(host: str, port: int, app: WebApp) -> ConnectionServer:
	family = socket.AF_INET6 if ":" in host else socket.AF_INET
	listening = socket.socket(family, socket.SOCK_STREAM)
	try:
		listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		listening.bind((host, port))
		address = (family, socket.SOCK_STREAM, 0, listening.getsockname())
		settings = Adjustments(sockets=[listening], **SETTINGS)
		return ConnectionServer(app, _sock=listening, adj=settings, sockinfo=address, bind_socket=False)
	except (OSError, OverflowError) as error:
		listening.close()
		raise unusable_port(port, host, error) from error


def serve(
	site: Site, host: str = "127.0.0.1", port: int = 0, *, exposed: bool = False, email: str = ""
) -> WebServer:
	"""Start a server for the site and return it, ready to be opened at `new_entry()` and ended with `close()`."""
	return WebServer(site, host, port, exposed=exposed, email=email).__enter__()
