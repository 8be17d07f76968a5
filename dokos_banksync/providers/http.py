"""The one way out: every HTTP call of the app goes through `Http`.

A call has time limits, is tried again where that is safe and useful, never follows a redirect, never leaves
its host, and leaves no secret behind: headers are put on at the last moment and appear in no log, error or
local variable, and a log line holds method, path without query, status and milliseconds only.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

import requests
from requests.auth import AuthBase

from dokos_banksync import __version__
from dokos_banksync.core.errors import ConfigurationError, ProviderBug, RateLimited, SyncError, TemporaryError
from dokos_banksync.core.provider import Clock, HttpCall, Secret
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.address import Address
from dokos_banksync.providers.retry import DEFAULT_RETRIES, FailureKind, RetryPolicy, retry_after

log = logging.getLogger(__name__)

Headers = Mapping[str, "str | Secret"]
Query = Mapping[str, "str | int"]
Body = Mapping[str, object]
"""A JSON object. A `Secret` as one of its values is revealed as the call leaves."""
Parse = Callable[[str], Any]
Sleep = Callable[[float], None]

_CHUNK = 1 << 16
_DEFAULT_RATE_PAUSE = timedelta(seconds=60)


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
	that is no JSON.
	"""

	status: int
	headers: Mapping[str, str]
	data: Any


@dataclass(frozen=True)
class Bounds:
	"""Seconds to connect, to wait for bytes and for a call with all its tries; bytes of an answer."""

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
				request.headers[name] = value.reveal() if isinstance(value, Secret) else value
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


def _revealed(values: Mapping[str, object] | None) -> dict[str, Any] | None:
	if values is None:
		return None
	return {name: value.reveal() if isinstance(value, Secret) else value for name, value in values.items()}


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
		self._clock = clock
		self._sleep = sleep
		self._headers: Headers = {
			"User-Agent": f"dokos_banksync/{__version__}",
			"Accept": "application/json",
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
		self._session.cert = certificate
		self._session.trust_env = not self.address.loopback

	def close(self) -> None:
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
		order = _Order(method, self.address.url(path), query, body, form, head, parse, started)
		attempt = 0
		while True:
			if before:
				before()
			outcome = self._attempt(order)
			if isinstance(outcome, Answer):
				return outcome
			attempt += 1
			pause = self._patience.pause(attempt, outcome, self._jitter())
			ended = self._monotonic() - started + (pause or 0.0) > self._bounds.total
			if pause is None or ended or not (repeatable or outcome.nothing_done):
				raise outcome.error
			self._sleep(pause)

	def _attempt(self, order: _Order) -> Answer | FailureKind:
		begun = self._monotonic()
		status = 0
		try:
			with self._session.request(
				order.method,
				order.url,
				params=order.query,
				json=_revealed(order.body),
				data=_revealed(order.form),
				auth=order.head,
				timeout=(self._bounds.connect, self._bounds.read),
				allow_redirects=False,
				stream=True,
			) as response:
				status = response.status_code
				return self._judge(response, self._read(response, order.started), order.parse)
		except requests.RequestException as error:
			return self._no_answer(error)
		finally:
			self._note(order, status, self._monotonic() - begun)

	def _note(self, order: _Order, status: int, seconds: float) -> None:
		path = self.address.relative(order.url).partition("?")[0]
		log.info("%s %s %s %.0f ms", order.method, path, status or "no answer", seconds * 1000)
		if self._observe:
			self._observe(HttpCall(order.method, path, status, seconds * 1000))

	def _read(self, response: requests.Response, started: float) -> bytes:
		chunks = []
		size = 0
		for chunk in response.iter_content(_CHUNK):
			size += len(chunk)
			if size > self._bounds.size:
				raise ProviderBug("{0} answers with more data than is ever needed.", self.address.host)
			if self._monotonic() - started > self._bounds.total:
				raise TemporaryError("{0} answers too slowly. We try again later.", self.address.host)
			chunks.append(chunk)
		return b"".join(chunks)

	def _judge(self, response: requests.Response, body: bytes, parse: Parse) -> Answer | FailureKind:
		status = response.status_code
		if self._classify and status >= 400 and (error := self._classify(status, response.headers, body)):
			raise error
		if status == 429:
			return self._limited(response)
		if status >= 500:
			return self._down(response)
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
				return self._unreadable(body)
			data = None
		return Answer(status, response.headers, data)

	def _limited(self, response: requests.Response) -> FailureKind:
		wait = retry_after(response.headers.get("Retry-After", ""), self._clock())
		until = self._clock() + (_DEFAULT_RATE_PAUSE if wait is None else timedelta(seconds=wait))
		error = RateLimited(
			"{0} asks us to wait: too many calls. The next try comes by itself.",
			self.address.host,
			until=until,
			reference="HTTP 429",
		)
		return FailureKind(
			error, asked=_DEFAULT_RATE_PAUSE.total_seconds() if wait is None else wait, nothing_done=True
		)

	def _down(self, response: requests.Response) -> FailureKind:
		error = TemporaryError(
			"{0} has a problem of its own (HTTP {1}). We try again later.",
			self.address.host,
			response.status_code,
			reference=f"HTTP {response.status_code}",
		)
		return FailureKind(error, asked=retry_after(response.headers.get("Retry-After", ""), self._clock()))

	def _unreadable(self, body: bytes) -> FailureKind:
		if body.lstrip()[:1] in (b"{", b"["):
			return FailureKind(
				TemporaryError("The answer of {0} stops short. We try again later.", self.address.host)
			)
		return FailureKind(
			ProviderBug(
				"{0} answers with something else than data. Check the base URL of the provider.",
				self.address.host,
			)
		)

	def _no_answer(self, error: requests.RequestException) -> FailureKind:
		host = self.address.host
		if isinstance(error, requests.exceptions.SSLError):
			raise ConfigurationError(
				"The certificate of {0} is not to be trusted. Check the base URL of the provider.", host
			) from None
		if isinstance(error, requests.ConnectTimeout):
			sentence = "{0} cannot be reached in time. Check the network; we try again later."
		elif isinstance(error, requests.Timeout):
			sentence = "{0} does not answer in time. We try again later."
		elif isinstance(error, requests.exceptions.ChunkedEncodingError):
			sentence = "The answer of {0} stops short. We try again later."
		else:
			sentence = "{0} cannot be reached. Check the network and the base URL of the provider."
		return FailureKind(
			TemporaryError(sentence, host), nothing_done=isinstance(error, requests.ConnectTimeout)
		)
