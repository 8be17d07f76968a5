"""A small HTTP server that keeps what is posted to it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver(ThreadingHTTPServer):
	"""Keeps headers and body of each call; answers the next of `statuses`, then 200."""

	daemon_threads = True

	def __init__(self) -> None:
		super().__init__(("127.0.0.1", 0), _Take)
		self.taken: list[tuple[dict[str, str], bytes]] = []
		self.statuses: list[int] = []
		self.url = f"http://127.0.0.1:{self.server_port}/hook"

	def contents(self) -> list[dict[str, Any]]:
		return [json.loads(body) for _, body in self.taken]


class _Take(BaseHTTPRequestHandler):
	server: Receiver

	def do_POST(self) -> None:
		body = self.rfile.read(int(self.headers["Content-Length"]))
		self.server.taken.append((dict(self.headers), body))
		self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
		self.send_header("Content-Length", "0")
		self.end_headers()

	def log_message(self, *_: object) -> None:
		"""Nothing."""


@contextmanager
def receiving() -> Iterator[Receiver]:
	with Receiver() as server:
		thread = threading.Thread(target=server.serve_forever, args=(0.02,))
		thread.start()
		yield server
		server.shutdown()
		thread.join()
