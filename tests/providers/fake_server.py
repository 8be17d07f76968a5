"""A scripted HTTP server on a real socket, and a clock that sleeping moves."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

START = datetime(2026, 10, 28, 12, 0, tzinfo=timezone.utc)


class Time:
	"""Stands still until somebody sleeps."""

	def __init__(self, now: datetime = START) -> None:
		self.start = now
		self.passed = 0.0
		self.slept: list[float] = []

	def now(self) -> datetime:
		return self.start + timedelta(seconds=self.passed)

	def monotonic(self) -> float:
		return self.passed

	def sleep(self, seconds: float) -> None:
		self.slept.append(seconds)
		self.passed += seconds


@dataclass
class Request:
	method: str
	path: str
	query: dict[str, str]
	headers: dict[str, str]
	body: Any


@dataclass
class Reply:
	"""`body`: bytes go out as they are, anything else as JSON. `announced` lies about the length."""

	status: int = 200
	body: Any = field(default_factory=dict)
	headers: Mapping[str, str] = field(default_factory=dict)
	announced: int | None = None

	def bytes(self) -> bytes:
		return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Route = Reply | list[Reply] | Callable[[Request], Reply]


class Script:
	"""Replies by method and path. A list is used up one by one, its last reply for ever."""

	def __init__(self, routes: dict[str, Route] | None = None) -> None:
		self.routes = routes or {}
		self.requests: list[Request] = []
		self.connections = 0
		self.url = ""

	def reply(self, request: Request) -> Reply:
		self.requests.append(request)
		route = self.routes.get(f"{request.method} {request.path}", Reply(404, {"code": "not_found"}))
		if isinstance(route, list):
			return route.pop(0) if len(route) > 1 else route[0]
		return route(request) if callable(route) else route

	def called(self, method: str, path: str) -> list[Request]:
		return [request for request in self.requests if (request.method, request.path) == (method, path)]


class _Handler(BaseHTTPRequestHandler):
	protocol_version = "HTTP/1.1"
	script: Script

	def setup(self) -> None:
		super().setup()
		self.script.connections += 1

	def _answer(self) -> None:
		parts = urlsplit(self.path)
		length = int(self.headers.get("Content-Length") or 0)
		body = json.loads(self.rfile.read(length)) if length else None
		headers = {name.lower(): value for name, value in self.headers.items()}
		reply = self.script.reply(
			Request(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
		)
		content = b"" if reply.status == 204 else reply.bytes()
		self.send_response(reply.status)
		for name, value in {"Content-Type": "application/json", **reply.headers}.items():
			self.send_header(name, value)
		announced = len(content) if reply.announced is None else reply.announced
		self.send_header("Content-Length", str(announced))
		self.end_headers()
		self.wfile.write(content)
		if announced != len(content):
			self.close_connection = True

	do_GET = do_POST = do_DELETE = _answer

	def log_message(self, *_args: object) -> None:
		pass


@contextmanager
def serving(script: Script) -> Iterator[Script]:
	handler = type("Handler", (_Handler,), {"script": script})
	with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
		server.daemon_threads = True
		thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
		thread.start()
		script.url = f"http://127.0.0.1:{server.server_address[1]}"
		try:
			yield script
		finally:
			server.shutdown()
			thread.join()
