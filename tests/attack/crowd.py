"""Many requests at once, good and bad ones, at the standalone site."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import cycle, islice

import requests

from dokos_banksync.hosts.standalone.web import WebServer
from tests.attack.figures import Figure

AT_ONCE = 100
"""Requests that are sent at the same time; as many unfinished ones stay open meanwhile."""
SLOWEST = 20.0
"""Seconds within which each request is answered on a busy machine."""
PATHS = (
	*("/bank", "/bank-transaction", "/sync-run", "/nowhere", "/%00", "/%09/x", "/bank?lang=fr"),
	*("/static/desk.css", "/banksync/webhook/none", f"/{'x' * 4000}", "/bank-transaction?from=2026-13-45"),
)


def attack(server: WebServer, count: int) -> Figure:
	"""Send `count` requests while others stay unfinished; a failure is not an answer, a late one, or a defect (500)."""
	cookies = requests.get(server.new_entry(), timeout=SLOWEST).cookies
	with ExitStack() as opened, ThreadPoolExecutor(AT_ONCE) as pool:
		for _ in range(AT_ONCE):
			opened.enter_context(_unfinished(server))
		asked = pool.map(lambda path: _ask(server, path, dict(cookies)), islice(cycle(PATHS), count))
		failures = [failure for failure in asked if failure]
	return Figure("requests, 100 at once", count, failures, f"with {AT_ONCE} unfinished ones open")


def _ask(server: WebServer, path: str, cookies: dict[str, str]) -> str:
	began = time.monotonic()
	method = "POST" if "webhook" in path else "GET"
	try:
		with requests.Session() as session:
			session.trust_env = False
			status = session.request(
				method, server.url + path, cookies=cookies, timeout=SLOWEST, data=b""
			).status_code
	except requests.RequestException as error:
		return f"{path[:40]}: {type(error).__name__}"
	late = time.monotonic() - began > SLOWEST
	return f"{path[:40]}: {status}{' late' if late else ''}" if status >= 500 or late else ""


def _unfinished(server: WebServer) -> socket.socket:
	host, port = server.url.removeprefix("http://").split(":")
	client = socket.create_connection((host, int(port)), timeout=SLOWEST)
	client.sendall(b"POST /bank HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{")
	return client
