"""A small HTTP/1.1 server for a WSGI application: keep-alive, threads, and connections that can be broken.

Werkzeug's own server closes every connection after one answer, which would measure the sandbox, not its client.
"""

from __future__ import annotations

import io
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, cast
from urllib.parse import unquote_to_bytes, urlsplit

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class BrokenOff(Exception):
	"""Raised by an application to have the connection closed after `sent` bytes of the raw answer."""

	def __init__(self, sent: bytes = b"") -> None:
		super().__init__("The connection is broken off on purpose")
		self.sent = sent


class Httpd(ThreadingHTTPServer):
	"""Binds at once; `serve_forever` answers. `close_all` ends every open connection and waits for the threads."""

	daemon_threads = True
	block_on_close = False
	request_queue_size = 64

	def __init__(self, host: str, port: int, app: App) -> None:
		self.app = app
		self._open: dict[socket.socket, threading.Thread] = {}
		self._lock = threading.Lock()
		self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
		super().__init__((host, port), _Handler)

	def server_bind(self) -> None:
		"""Without the look-up of the host's full name that the standard server does."""
		TCPServer.server_bind(self)
		self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

	def process_request_thread(self, request: Any, client_address: Any) -> None:
		"""Note the connection, and serve it."""
		with self._lock:
			self._open[request] = threading.current_thread()
		super().process_request_thread(request, client_address)

	def shutdown_request(self, request: Any) -> None:
		"""Forget the connection, and close it."""
		with self._lock:
			self._open.pop(request, None)
		super().shutdown_request(request)

	def handle_error(self, request: Any, client_address: Any) -> None:
		"""Report an error, except of a client that has disconnected."""
		if not isinstance(sys.exc_info()[1], ConnectionError):
			super().handle_error(request, client_address)

	def close_all(self) -> None:
		"""Close all open connections, as a server that dies does."""
		with self._lock:
			still_open = list(self._open.items())
		for connection, _ in still_open:
			try:
				connection.shutdown(socket.SHUT_RDWR)
			except OSError:
				continue  # the client closed it first
		for _, thread in still_open:
			thread.join(timeout=5)
		self.server_close()


class _Handler(BaseHTTPRequestHandler):
	protocol_version = "HTTP/1.1"
	disable_nagle_algorithm = True
	server_version = "sandbox"
	sys_version = ""

	def _serve(self) -> None:
		body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
		started: list[Any] = []
		server = cast(Httpd, self.server)
		try:
			chunks = server.app(self._environ(body), lambda *given: started.extend(given))
			text = b"".join(chunks)
		except BrokenOff as broken:
			self.close_connection = True
			self.wfile.write(broken.sent)
			return
		self.wfile.write(answer_bytes(started[0], started[1], text, head_only=self.command == "HEAD"))

	do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve

	def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
		"""Nothing: the sandbox keeps its own log of calls."""

	def _environ(self, body: bytes) -> dict[str, Any]:
		parts = urlsplit(self.path)
		server = cast(Httpd, self.server)
		environ: dict[str, Any] = {
			"REQUEST_METHOD": self.command, "SCRIPT_NAME": "", "QUERY_STRING": parts.query,
			"PATH_INFO": unquote_to_bytes(parts.path).decode("latin-1"), "SERVER_PROTOCOL": self.request_version,
			"SERVER_NAME": server.server_name, "SERVER_PORT": str(server.server_port), "REMOTE_ADDR": self.client_address[0],
			"CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(body)),
			"wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body),
			"wsgi.errors": sys.stderr, "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
		}  # fmt: skip
		for name, value in self.headers.items():
			environ.setdefault("HTTP_" + name.upper().replace("-", "_"), value)
		return environ


def answer_bytes(
	status: str, headers: Iterable[tuple[str, str]], body: bytes, *, head_only: bool = False
) -> bytes:
	"""Return the raw answer, in one piece so that it is sent at once."""
	lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
	if not any(line.lower().startswith("content-length:") for line in lines) and not status.startswith("204"):
		lines.append(f"Content-Length: {len(body)}")
	return "\r\n".join([*lines, "", ""]).encode("latin-1") + (b"" if head_only else body)
