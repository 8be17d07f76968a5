"""A call that is interrupted at any line takes no secret with it, in no variable of any frame."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from types import FrameType, TracebackType
from typing import Any, Protocol

import pytest

from dokos_banksync.core.errors import SyncError
from dokos_banksync.core.provider import Secret, Subscription
from dokos_banksync.providers.bridge import BridgeProvider
from dokos_banksync.providers.http import Http
from dokos_banksync.providers.process_stores import ProcessRateLimitStore, ProcessSecretStore
from dokos_banksync.providers.retry import RetryPolicy
from dokos_banksync.providers.traces import without_traces
from tests.providers.conftest import ACCESS, SECRET, TOKEN
from tests.providers.fake_server import START, Reply, Script

pytestmark = [
	# An interrupted call leaves sockets to the garbage collector, as it does in a job that ends.
	pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
	pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

Place = tuple[str, int]
OURS = "dokos_banksync"
Call = Callable[[], object]


class Closing(Protocol):
	def close(self) -> None: ...


class JobTimeout(Exception):
	"""As a job queue raises it, from a signal, wherever the job is."""


def places_of(call: Callable[[], object]) -> list[Place]:
	"""The lines that a call runs through, in all the code below it, each once."""
	found: dict[Place, None] = {}

	def trace(frame: FrameType, event: str, _: object) -> Any:
		if event == "line":
			found[frame.f_code.co_filename, frame.f_lineno] = None
		return trace

	with suppress(SyncError):
		_traced(call, trace)
	return list(found)


def interrupted(call: Callable[[], object], place: Place) -> BaseException | None:
	"""Make a call that a timeout ends at a line, and return what was raised in the end."""

	file, line = place

	def trace(frame: FrameType, event: str, _: object) -> Any:
		if frame.f_code.co_filename != file:
			return None
		if event == "line" and frame.f_lineno == line:
			raise JobTimeout
		return trace

	try:
		_traced(call, trace)
	except Exception as error:  # noqa: BLE001 - whatever it is, it is looked into
		return error
	return None


def _traced(call: Callable[[], object], trace: Any) -> None:
	before = sys.gettrace()
	sys.settrace(trace)
	try:
		call()
	finally:
		sys.settrace(before)


def held(error: BaseException | None) -> Iterator[tuple[str, int, str]]:
	"""Every variable of every frame of an exception and of those it came of: file, line and text."""
	waiting, seen = [error], set()
	while waiting:
		one = waiting.pop()
		if one is None or id(one) in seen:
			continue
		seen.add(id(one))
		waiting += [one.__cause__, one.__context__]
		trace: TracebackType | None = one.__traceback__
		while trace:
			for value in (one.args, *trace.tb_frame.f_locals.values()):
				yield trace.tb_frame.f_code.co_filename, trace.tb_lineno, shown(value)
			trace = trace.tb_next


def shown(value: object) -> str:
	"""A variable as an error report writes it; one that was interrupted while it was made may have no text yet."""
	try:
		return repr(value)
	except Exception as error:  # noqa: BLE001 - another class than the one under test
		return f"<{type(error).__name__}>"


def leaks(
	make: Callable[[], tuple[Closing, Call]], secrets: tuple[str, ...], within: str = ""
) -> tuple[int, list[Place]]:
	"""How many interruptions were seen, and the places where a secret was seen after one.

	`make` prepares a call: what is looked for is what the call itself leaves. Only files whose path holds `within` are
	interrupted.
	"""
	seen, found = 0, []
	first, call = make()
	with closing(first):
		places = [place for place in places_of(call) if within in place[0]]
	for place in places:
		made, call = make()
		with closing(made):
			error = interrupted(call, place)
		seen += isinstance(error, JobTimeout)
		# This module's own frames hold what a test gave.
		found += [
			(file, line)
			for file, line, text in held(error)
			if file != __file__ and any(secret in text for secret in secrets)
		]
	return seen, found


@pytest.mark.parametrize("status", [200, 503])
def test_a_form_a_header_and_a_signature(script: Script, status: int) -> None:
	script.routes["POST /token"] = Reply(status, {"ok": True})
	secret = Secret(SECRET)

	def make() -> tuple[Closing, Call]:
		http = Http(
			script.url,
			lambda: START,
			headers={"Client-Secret": secret},
			sign=lambda request: {"Signature": f"signed with {SECRET}"},
			patience=RetryPolicy(tries=1),
		)
		form, headers = {"secret": secret}, {"Extra": secret}
		return http, lambda: http.request("POST", "/token", form=form, headers=headers)

	seen, found = leaks(make, (SECRET,), within="" if status == 200 else OURS)
	assert seen > 40
	assert found == []


def test_nobody_answers() -> None:
	secret = Secret(SECRET)

	def make() -> tuple[Closing, Call]:
		once = RetryPolicy(tries=1)
		headers = {"Client-Secret": secret}
		http = Http("http://127.0.0.1:1", lambda: START, headers=headers, patience=once)
		return http, lambda: http.request("GET", "/")

	seen, found = leaks(make, (SECRET,))
	assert seen > 200
	assert found == []


def test_bridge_asks_for_a_token_and_reads_accounts(script: Script) -> None:
	account = {"id": 1, "item_id": 700001, "name": "Courant", "balance": 1.5, "currency_code": "EUR"}
	script.routes["GET /v3/aggregation/accounts"] = Reply(200, {"resources": [account]})
	secrets = {"client_secret": Secret(SECRET)}
	subscription = Subscription("Bridge", {"client_id": "id"}, secrets, base_url=script.url)

	def make() -> tuple[Closing, Call]:
		store, limits = ProcessSecretStore(lambda: START), ProcessRateLimitStore()
		bridge = BridgeProvider(subscription, store, limits, lambda: START)
		return bridge, lambda: bridge.accounts(ACCESS)

	seen, found = leaks(make, (SECRET, TOKEN), within=OURS)
	assert seen > 100
	assert found == []


def test_the_exceptions_that_an_exception_came_of_lose_their_traces() -> None:
	def fail(hidden: str) -> None:
		try:
			int(hidden)
		except ValueError as error:
			raise KeyError from error

	with pytest.raises(KeyError) as caught:
		fail(SECRET)
	error = without_traces(caught.value)
	cause = error.__cause__
	assert isinstance(cause, ValueError)
	assert (error.__traceback__, cause.__traceback__) == (None, None)
