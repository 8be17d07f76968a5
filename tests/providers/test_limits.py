from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokos_banksync.core.errors import RateLimited
from dokos_banksync.core.provider import Secret
from dokos_banksync.providers.limits import Limit, Limiter
from dokos_banksync.providers.process_stores import ProcessRateLimitStore, ProcessSecretStore
from tests.providers.fake_server import START, Time

MINUTE = Limit("user", 3, 60)


def limiter(time: Time) -> Limiter:
	return Limiter(ProcessRateLimitStore(), time.now, time.sleep)


def test_calls_within_the_limit_do_not_wait(time: Time) -> None:
	guard = limiter(time)
	for _ in range(3):
		guard.wait(MINUTE, Limit("other user", 3, 60))
	assert time.slept == []


def test_the_call_too_many_waits_for_the_oldest_to_leave_the_window(time: Time) -> None:
	guard = limiter(time)
	for _ in range(3):
		guard.wait(MINUTE)
		time.passed += 10
	guard.wait(MINUTE)
	assert time.slept == [30.0]


def test_a_long_wait_is_reported(time: Time) -> None:
	guard = limiter(time)
	slow = Limit("application", 1, 300)
	guard.wait(slow)
	with pytest.raises(RateLimited) as caught:
		guard.wait(slow)
	assert caught.value.until == START + timedelta(seconds=300)
	assert time.slept == []


def test_waits_of_one_call_add_up(time: Time) -> None:
	guard = limiter(time)
	limits = Limit("a", 1, 40), Limit("b", 1, 80)
	guard.wait(*limits)
	with pytest.raises(RateLimited):
		guard.wait(*limits)
	assert time.slept == [40.0]


def test_a_clock_that_stands_still_ends_the_wait(time: Time) -> None:
	guard = Limiter(ProcessRateLimitStore(), lambda: START, time.sleep)
	one = Limit("a", 1, 20)
	guard.wait(one)
	with pytest.raises(RateLimited):
		guard.wait(one)


@given(st.lists(st.floats(0, 40), max_size=60), st.integers(1, 5))
def test_no_window_ever_holds_more_than_the_limit(gaps: list[float], limit: int) -> None:
	rate_limits, now, gone = ProcessRateLimitStore(), START, []
	for gap in gaps:
		now += timedelta(seconds=gap)
		until = rate_limits.acquire("k", limit, 60, now)
		if until is None:
			gone.append(now)
		else:
			assert now < until <= now + timedelta(seconds=60)
	for moment in gone:
		assert len([other for other in gone if moment <= other < moment + timedelta(seconds=60)]) <= limit


def test_memory_forgets_in_time(time: Time) -> None:
	secret_store = ProcessSecretStore(time.now)
	secret_store.put("a", Secret("one"), START + timedelta(seconds=10))
	secret_store.put("b", Secret("two"), START + timedelta(seconds=10))
	kept = secret_store.get("a")
	assert kept is not None
	assert kept.reveal() == "one"
	secret_store.forget("b")
	secret_store.forget("never there")
	assert secret_store.get("b") is None
	time.passed = 10
	assert secret_store.get("a") is None
