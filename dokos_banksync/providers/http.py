"""The only HTTP client: every call of the app goes through `Http`.

A call has time limits, is tried again where that is safe and useful, never follows a redirect, never leaves
its host, and leaves no secret behind: headers are put on at the last moment and appear in no log, error or local
variable of a traceback, and a log line holds method, path without query, status and milliseconds only.
"""

from __future__ import annotations

import logging
import random
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import requests
import urllib3
from requests.auth import AuthBase

from dokos_banksync import __version__
from dokos_banksync.core.errors import ConfigurationError, ProviderBug, SyncError
from dokos_banksync.core.provider import Clock, HttpCall, Secret
from dokos_banksync.core.texts import printable
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.address import Address
from dokos_banksync.providers.failures import Failures, is_page
from dokos_banksync.providers.retry import DEFAULT_RETRIES, FailureKind, RetryPolicy
from dokos_banksync.providers.time_limit import seconds_left
from dokos_banksync.providers.traces import without_traces
from dokos_banksync.providers.transport import CHUNK, ENCODINGS, DeadlineAdapter, deadline, decompressed

log = logging.getLogger(__name__)

Headers = Mapping[str, "str | Secret | Callable[[], str]"]
"""A value that is made of a secret is a function: it is called as the request leaves."""
Query = Mapping[str, "str | int"]
Body = Mapping[str, object]
"""A JSON object. A `Secret` as one of its values is revealed as the call leaves."""
Parse = Callable[[str], Any]
Sleep = Callable[[float], None]

_BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, zlib.error)
"""What requests, urllib3 and the decompression raise for an answer that does not come, or not whole."""


Classify = Callable[[int, Mapping[str, str], bytes], SyncError | None]
"""Turns a provider's error answer (status from 400 on) into the error it means; None for the usual meaning."""

Observer = Callable[[HttpCall], None]


class Signable(NamedTuple):
	"""A request exactly as it leaves: the method, the full URL, the headers and the bytes of the body."""

	method: str
	url: str
	headers: Mapping[str, str]
	body: bytes


Sign = Callable[[Signable], Mapping[str, str]]
"""Returns the headers that sign a request. Called for each try, so that times in signatures are fresh."""


def signable(request: requests.PreparedRequest) -> Signable:
	"""Return what a signature can cover of a prepared request."""
	body = request.body or b""
	return Signable(
		method=request.method or "",
		url=request.url or "",
		headers=dict(request.headers),
		body=body.encode() if isinstance(body, str) else bytes(body),
	)


class Answer(NamedTuple):
	"""Status, headers and the parsed JSON body; `data` is None for an empty body, or for an error's body
	that is not JSON.
	"""

	status: int
	headers: Mapping[str, str]
	data: Any


@dataclass(frozen=True)
class Bounds:
	"""Seconds to connect, to wait for bytes and for a call with all its tries; bytes of an answer, decompressed.

	`total` bounds head and body together, however slowly they come. Looking up the host's name is not bounded.
	"""

	connect: float = 10.0
	read: float = 60.0
	total: float = 180.0
	size: int = 32 << 20


class _Head(AuthBase):
	"""Puts headers on a request that is about to leave, then has it signed. Stands in for any other login (a netrc
	file).
	"""

	def __init__(self, *headers: Headers, sign: Sign | None = None) -> None:
		self._headers = headers
		self._sign = sign

	def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
		for headers in self._headers:
			for name, value in headers.items():
				request.headers[name] = _revealed(value)
		if self._sign:
			request.headers.update(self._sign(signable(request)))
		return request


class _Order(NamedTuple):
	"""A call as asked for."""

	method: str
	url: str
	query: Query | None
	body: Body | None
	form: Mapping[str, str | Secret] | None
	head: _Head
	parse: Parse
	started: float


def _revealed(value: object) -> Any:
	if isinstance(value, Secret):
		return value.reveal()
	return value() if callable(value) else value


def _all_revealed(values: Mapping[str, object] | None) -> dict[str, Any] | None:
	return None if values is None else {name: _revealed(value) for name, value in values.items()}


class Http:
	"""Calls to one base address. Keeps its connections open; `close` ends them.

	Raises, from every call: `ConfigurationError` (a redirect, a bad certificate), `RateLimited` (429 with a
	long or unknown wait), `TemporaryError` (no answer, 5xx, an answer that stops short) and `ProviderBug` (a
	page or nonsense instead of data, an answer too large). Other statuses come back as an `Answer`.

	`sign` signs each try; `certificate` is the pair of paths of a client certificate and its key; `classify` names
	the errors of a provider before the usual meaning of a status is applied.
	"""

	def __init__(
		self,
		base_url: str,
		clock: Clock,
		sleep: Sleep = time.sleep,
		*,
		headers: Headers | None = None,
		sign: Sign | None = None,
		certificate: tuple[str, str] | None = None,
		classify: Classify | None = None,
		bounds: Bounds = Bounds(),
		patience: RetryPolicy = DEFAULT_RETRIES,
		jitter: Callable[[], float] = random.random,
		monotonic: Callable[[], float] = time.monotonic,
		observe: Observer | None = None,
	) -> None:
		self.address = Address.of(base_url)
		self._failures = Failures(self.address.host, clock)
		self._sleep = sleep
		self._headers: Headers = {
			"User-Agent": f"dokos_banksync/{__version__}",
			"Accept": "application/json",
			"Accept-Encoding": ENCODINGS,
			**(headers or {}),
		}
		self._bounds = bounds
		self._patience = patience
		self._jitter = jitter
		self._monotonic = monotonic
		self._observe = observe
		self._sign = sign
		self._classify = classify
		self._session = requests.Session()
		for scheme in ("https://", "http://"):
			self._session.mount(scheme, DeadlineAdapter())
		self._session.cert = certificate
		self._session.trust_env = not self.address.loopback

	def close(self) -> None:
		"""Close the connections that are kept open."""
		self._session.close()

	def request(
		self,
		method: str,
		path: str,
		*,
		query: Query | None = None,
		body: Body | None = None,
		form: Mapping[str, str | Secret] | None = None,
		headers: Headers | None = None,
		repeatable: bool = True,
		parse: Parse = rawjson.loads,
		before: Callable[[], None] | None = None,
	) -> Answer:
		"""Make one call, with its tries; `path` is below the base address or a full address of the same host.

		The body is JSON (`body`) or form-encoded (`form`).

		`repeatable` False tries again only where the provider surely did nothing. `before` runs ahead of
		each try: the place to count it against a limit.
		"""
		started = self._monotonic()
		head = _Head(self._headers, headers or {}, sign=self._sign)
		order = _Order(
			method=method,
			url=self.address.url(path),
			query=query,
			body=body,
			form=form,
			head=head,
			parse=parse,
			started=started,
		)
		try:
			return self._tries(order, repeatable, before)
		except BaseException as error:  # noqa: BLE001 - raised again
			raise without_traces(error) from None

	def _tries(self, order: _Order, repeatable: bool, before: Callable[[], None] | None) -> Answer:
		attempt = 0
		while True:
			if before:
				before()
			outcome = self._attempt(order)
			if isinstance(outcome, Answer):
				return outcome
			attempt += 1
			pause = self._patience.pause(attempt, outcome, self._jitter())
			ended = self._left(order) - (pause or 0.0) < 0
			if pause is None or ended or not (repeatable or outcome.nothing_done):
				raise outcome.error
			self._sleep(pause)

	def _left(self, order: _Order) -> float:
		return min(self._bounds.total - (self._monotonic() - order.started), seconds_left())

	def _attempt(self, order: _Order) -> Answer | FailureKind:
		begun = self._monotonic()
		statuses: list[int] = []
		try:
			with deadline(lambda: self._left(order)):
				return self._exchange(order, statuses)
		except _BROKEN as error:
			return self._failures.no_answer(without_traces(error), slow=self._left(order) <= 0)
		except BaseException as error:  # noqa: BLE001 - raised again
			# Whatever ends the call here, a job's timeout too, must not take the frames below with it: they hold
			# the headers. `request` does the same once more, for what is raised while this goes on.
			raise without_traces(error) from None
		finally:
			self._note(order, statuses[0] if statuses else 0, self._monotonic() - begun)

	def _exchange(self, order: _Order, statuses: list[int]) -> Answer | FailureKind:
		# A socket's timeout of 0 would mean: do not wait at all.
		connect = max(min(self._bounds.connect, self._left(order)), 0.001)
		with self._session.request(
			order.method,
			order.url,
			params=order.query,
			json=_all_revealed(order.body),
			data=_all_revealed(order.form),
			auth=order.head,
			timeout=(connect, self._bounds.read),
			allow_redirects=False,
			stream=True,
		) as response:
			statuses.append(response.status_code)
			return self._judge(response, self._read(response), order.parse)

	def _read(self, response: requests.Response) -> bytes:
		chunks = []
		size = 0
		sent = response.raw.stream(CHUNK, decode_content=False)
		for chunk in decompressed(sent, response.headers.get("Content-Encoding", "")):
			size += len(chunk)
			if size > self._bounds.size:
				raise ProviderBug("{0} answers with more data than is ever needed.", self.address.host)
			chunks.append(chunk)
		return b"".join(chunks)

	def _note(self, order: _Order, status: int, seconds: float) -> None:
		path = self.address.relative(order.url).partition("?")[0]
		# A path may come from the provider, and a log may be read in a terminal.
		log.info("%s %s %s %.0f ms", order.method, printable(path), status or "no answer", seconds * 1000)
		if self._observe:
			self._observe(HttpCall(order.method, path, status, seconds * 1000))

	def _judge(self, response: requests.Response, body: bytes, parse: Parse) -> Answer | FailureKind:
		status = response.status_code
		if self._classify and status >= 400 and (error := self._classify(status, response.headers, body)):
			raise error
		if status == 429:
			return self._failures.limited(response.headers)
		if status >= 500:
			return self._failures.down(status, response.headers)
		if 300 <= status < 400:
			raise ConfigurationError(
				"{0} sends us elsewhere (HTTP {1}). Check the base URL of the provider.",
				self.address.host,
				status,
			)
		try:
			data = parse(body.decode("utf-8-sig")) if body.strip() else None
		except (ValueError, RecursionError):
			if status < 300:
				return self._failures.unreadable(body)
			if is_page(body):
				raise self._failures.page(status) from None
			data = None
		return Answer(status, response.headers, data)
