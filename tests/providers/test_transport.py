"""Slow and compressed answers, on real sockets."""

from __future__ import annotations

import gzip
import socket
import threading
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from dokos_banksync.core.errors import ProviderBug, TemporaryError
from dokos_banksync.providers.http import Bounds, Http
from dokos_banksync.providers.retry import RetryPolicy
from dokos_banksync.providers.transport import decompressed
from tests.providers.fake_server import START, Reply, Script, serving

PATH = "/v3/things"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@contextmanager
def trickling(at_once: bytes, slowly: bytes, pause: float = 0.05) -> Iterator[str]:
	"""Serve one answer, of which a part comes byte by byte. Yields the address."""
	stop = threading.Event()

	def serve() -> None:
		connection, _ = listener.accept()
		with connection:
			connection.recv(1 << 16)
			connection.sendall(at_once)
			for byte in slowly:
				if stop.wait(pause):
					return
				try:
					connection.sendall(bytes([byte]))
				except OSError:
					return

	with socket.socket() as listener:
		listener.bind(("127.0.0.1", 0))
		listener.listen()
		thread = threading.Thread(target=serve)
		thread.start()
		try:
			yield f"http://127.0.0.1:{listener.getsockname()[1]}"
		finally:
			stop.set()
			thread.join()


@pytest.mark.parametrize(
	("at_once", "slowly"),
	[
		(b"", HEAD * 100),
		(HEAD + b"Content-Length: 5000\r\n\r\n", b" " * 5000),
		(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1000\r\n", b" " * 5000),
		(HEAD + b"Connection: close\r\n\r\n", b" " * 5000),
	],
	ids=["head", "length", "chunked", "until the end"],
)
def test_a_server_that_trickles_holds_a_call_no_longer_than_its_deadline(
	at_once: bytes, slowly: bytes
) -> None:
	with trickling(at_once, slowly) as url:
		http = Http(url, lambda: START, bounds=Bounds(connect=5, read=5, total=0.3))
		with pytest.raises(TemporaryError, match="too slowly"):
			http.request("GET", PATH)
		http.close()


def test_an_answer_that_trickles_within_the_deadline_is_read() -> None:
	with trickling(HEAD + b"Content-Length: 9\r\n\r\n", b'{"a": 1} ', pause=0.01) as url:
		http = Http(url, lambda: START, bounds=Bounds(total=20))
		assert http.request("GET", PATH).data == {"a": 1}
		http.close()


def test_silence_is_waited_for_as_long_as_the_read_timeout_only() -> None:
	with trickling(b"", b"x", pause=3) as url:
		once = RetryPolicy(tries=1)
		http = Http(url, lambda: START, bounds=Bounds(read=0.1, total=20), patience=once)
		with pytest.raises(TemporaryError, match="in time"):
			http.request("GET", PATH)
		http.close()


@pytest.fixture
def http() -> Iterator[tuple[Http, Script]]:
	with serving(Script()) as script:
		http = Http(
			script.url, lambda: START, lambda seconds: None, bounds=Bounds(size=100_000), jitter=lambda: 0
		)
		yield http, script
		http.close()


def test_a_compressed_answer_is_read(http: tuple[Http, Script]) -> None:
	called, script = http
	script.routes = {f"GET {PATH}": Reply(200, gzip.compress(b'{"a": 1}'), {"Content-Encoding": "gzip"})}
	assert called.request("GET", PATH).data == {"a": 1}
	assert script.requests[0].headers["accept-encoding"] == "gzip"


def test_a_compressed_answer_that_grows_without_bound_is_not_held_in_memory(
	http: tuple[Http, Script],
) -> None:
	called, script = http
	bomb = gzip.compress(b" " * (40 << 20), compresslevel=9)
	script.routes = {f"GET {PATH}": Reply(200, bomb, {"Content-Encoding": "gzip"})}
	tracemalloc.start()
	with pytest.raises(ProviderBug, match="more data"):
		called.request("GET", PATH)
	peak = tracemalloc.get_traced_memory()[1]
	tracemalloc.stop()
	assert peak < 5 << 20


@pytest.mark.parametrize(
	("body", "encoding"),
	[
		(gzip.compress(b'{"a": 1}')[:-9], "gzip"),
		(b"no gzip", "gzip"),
		(gzip.compress(gzip.compress(b"{}")), "gzip, gzip"),
		(b"{}", "br"),
	],
	ids=["short", "broken", "twice", "another"],
)
def test_what_cannot_be_decompressed_stops_short(
	http: tuple[Http, Script], body: bytes, encoding: str
) -> None:
	called, script = http
	script.routes = {f"GET {PATH}": Reply(200, body, {"Content-Encoding": encoding})}
	with pytest.raises(TemporaryError, match="stops short"):
		called.request("GET", PATH)
	assert len(script.requests) == 4


@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_content_of_several_members_comes_in_pieces_that_are_small(size: int) -> None:
	content = b"0123456789" * 30_000
	sent = gzip.compress(content) + gzip.compress(b"") + gzip.compress(b"end")
	pieces = list(decompressed((sent[at : at + size] for at in range(0, len(sent), size)), " GZIP "))
	assert b"".join(pieces) == content + b"end"
	assert max(map(len, pieces)) <= 1 << 16


def test_what_is_not_compressed_passes() -> None:
	assert list(decompressed([b"a", b"b"], "")) == [b"a", b"b"]
	assert list(decompressed([b"a", b"b"], "identity")) == [b"a", b"b"]
	with pytest.raises(zlib.error):
		list(decompressed([b"a"], "deflate"))
