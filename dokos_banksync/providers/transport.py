"""The bytes of an answer: read within one deadline, and decompressed within a bound.

urllib3 has a timeout for each read of the socket, so that a server that sends a byte now and then holds a call for
ever. Here every read, of the head as of the body, waits no longer than what is left of the call. urllib3 before 2.6.3
decompresses without a bound, and Frappe 15 for Dokos pins urllib3 below 2.1: bodies are decompressed here.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from http.client import HTTPResponse
from socket import socket
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from dokos_banksync.providers.address import check_private

CHUNK = 1 << 16

Left = Callable[[], float]
"""Returns the seconds that are left of a call."""

_left: ContextVar[Left | None] = ContextVar("left", default=None)


@contextmanager
def deadline(left: Left) -> Iterator[None]:
	"""Have every read of a socket raise `TimeoutError` once nothing is `left`, in calls within this context."""
	token = _left.set(left)
	try:
		yield
	finally:
		_left.reset(token)


class _Reader(io.RawIOBase):
	"""A socket's stream of which each read waits no longer than what is left of the call."""

	def __init__(self, raw: io.RawIOBase, connection: socket, left: Left) -> None:
		self._raw = raw
		self._connection = connection
		self._timeout = connection.gettimeout()
		self._time_left = left

	def readable(self) -> bool:
		"""Return True: `io.RawIOBase` asks."""
		return True

	def readinto(self, buffer: Any) -> int | None:
		"""Read into the buffer within the deadline. Raise `TimeoutError` after it."""
		left = self._time_left()
		if left <= 0:
			raise TimeoutError("deadline exceeded")
		self._connection.settimeout(left if self._timeout is None else min(left, self._timeout))
		return self._raw.readinto(buffer)

	def close(self) -> None:
		"""Close the body, and restore the connection's timeout."""
		if not self.closed:
			with suppress(OSError):  # closed already: there is no timeout to restore
				self._connection.settimeout(self._timeout)
			self._raw.close()
		super().close()


class _Response(HTTPResponse):
	"""An answer that is read within the deadline."""

	def __init__(self, sock: socket, *args: Any, **more: Any) -> None:
		super().__init__(sock, *args, **more)
		if left := _left.get():
			self.fp = io.BufferedReader(_Reader(self.fp.detach(), sock, left))


class _Guarded:
	"""A connection that is given up where its host turns out to have a private address: a name may resolve to one."""

	host: str
	proxy: Any

	def _new_conn(self) -> socket:
		connection: socket = super()._new_conn()  # type: ignore[misc]
		if self.proxy is None:
			try:
				check_private(self.host.strip("[]"), str(connection.getpeername()[0]))
			except BaseException:
				connection.close()
				raise
		return connection


class _Connection(_Guarded, HTTPConnection):
	response_class = _Response


class _SecureConnection(_Guarded, HTTPSConnection):
	response_class = _Response


class _Pool(HTTPConnectionPool):
	ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
	ConnectionCls = _SecureConnection


_POOLS = {"http": _Pool, "https": _SecurePool}


class DeadlineAdapter(HTTPAdapter):
	"""Connections whose answers keep the `deadline`; through a proxy as well."""

	def init_poolmanager(self, *args: Any, **more: Any) -> None:
		"""Make pools whose reads end at the deadline."""
		super().init_poolmanager(*args, **more)
		self.poolmanager.pool_classes_by_scheme = _POOLS

	def proxy_manager_for(self, *args: Any, **more: Any) -> Any:
		"""Return a proxy's pools, whose reads end at the deadline."""
		manager = super().proxy_manager_for(*args, **more)
		manager.pool_classes_by_scheme = _POOLS
		return manager


ENCODINGS = "gzip"
"""What an answer may be compressed with: the value of Accept-Encoding."""


def decompressed(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
	"""Yield the content in pieces of at most `CHUNK` bytes each, however well it was compressed.

	`encoding` is the value of Content-Encoding. Raises `zlib.error` for content that is broken, stops short, or is
	encoded in another way than was asked for.
	"""
	encoding = encoding.strip().lower()
	if encoding in ("", "identity"):
		yield from chunks
	elif encoding in ("gzip", "x-gzip"):
		yield from _gunzipped(chunks)
	else:
		raise zlib.error("unsupported content encoding")


def _gunzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
	member = None
	for chunk in chunks:
		rest = chunk
		while rest or (member and not member.eof and member.unconsumed_tail):
			member = member or zlib.decompressobj(zlib.MAX_WBITS | 16)
			yield member.decompress(rest, CHUNK)
			rest = member.unconsumed_tail
			if member.eof:
				rest, member = member.unused_data, None
	if member:
		yield from _flushed(member)


def _flushed(member: Any) -> Iterator[bytes]:
	"""Yield what a decompressor still holds after its last input."""
	while piece := member.decompress(b"", CHUNK):
		yield piece
	if not member.eof:
		raise zlib.error("truncated gzip stream")
