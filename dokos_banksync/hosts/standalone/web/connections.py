"""The HTTP connections of the site: a slow client holds a connection, never a worker.

waitress receives every request whole in one thread and gives only complete ones to the workers. What it lacks is added
here: a request has one deadline for head and body together, and when all connections are taken, the one that has kept
us waiting longest makes room.
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer

from dokos_banksync.hosts.standalone.web.security import body_limit

REQUEST_SECONDS = 20.0
"""From the first byte of a request to its last."""
_ANSWERED = 1 << 20
"""A body that is larger by this many bytes at most is received, and the application refuses it in a sentence."""
CONNECTIONS = 200
WORKERS = 8


class _Parser(HTTPRequestParser):
	"""Refuses a body by its size before it is received: what a path takes differs."""

	adj: Any

	def parse_header(self, header_plus: bytes) -> None:
		"""Parse the head of a request, with the body limit of its path."""
		target = header_plus.split(b" ", 2)[1:2] or [b""]
		try:
			path = urlsplit(target[0].decode("latin-1")).path
		except ValueError:
			path = ""
		self.adj = _Adjusted(self.adj, body_limit(path) + _ANSWERED)
		super().parse_header(header_plus)


class _Adjusted:
	"""Settings of the server with another bound of the body."""

	def __init__(self, settings: Any, max_request_body_size: int) -> None:
		self._settings = settings
		self.max_request_body_size = max_request_body_size

	def __getattr__(self, name: str) -> Any:
		return getattr(self._settings, name)


class _Channel(HTTPChannel):
	"""A connection that knows since when its client has kept it waiting."""

	parser_class = _Parser
	began = 0.0
	"""Seconds since the epoch: the first byte of the latest request."""

	def received(self, data: bytes) -> bool:
		"""Take bytes of the client; the first of a request start its deadline."""
		if self.request is None:
			self.began = time.time()
		return bool(super().received(data))

	@property
	def is_waiting(self) -> bool:
		"""Return whether nothing is done for this connection at present."""
		return not self.requests and not self.total_outbufs_len

	@property
	def waiting_since(self) -> float:
		"""Return the start of an unfinished request, else the last byte."""
		return self.began if self.request is not None else float(self.last_activity)


class ConnectionServer(TcpWSGIServer):
	"""waitress with deadlines."""

	channel_class = _Channel

	def maintenance(self, now: float) -> None:
		"""Close the connections whose clients are late; called every second."""
		super().maintenance(now)
		for channel in list(self.active_channels.values()):
			if channel.is_waiting and now - channel.waiting_since > REQUEST_SECONDS:
				channel.handle_close()

	def handle_accept(self) -> None:
		"""Accept a connection; where all are taken, the slowest one makes room."""
		if len(self.active_channels) >= CONNECTIONS:
			waiting = [one for one in self.active_channels.values() if one.is_waiting]
			if waiting:
				min(waiting, key=lambda one: one.waiting_since).handle_close()
		super().handle_accept()


SETTINGS: dict[str, object] = {
	"threads": WORKERS,
	"ident": "banksync",
	"asyncore_use_poll": True,
	"cleanup_interval": 1,
	"channel_timeout": int(REQUEST_SECONDS),
	# Above our own: it stops listening altogether, ours makes room.
	"connection_limit": 2 * CONNECTIONS,
	"max_request_header_size": 64 * 1024,
	"clear_untrusted_proxy_headers": True,
}
