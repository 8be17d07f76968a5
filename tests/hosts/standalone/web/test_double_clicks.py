from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from threading import Barrier

import pytest

from dokos_banksync.core.errors import TemporaryError
from dokos_banksync.hosts.standalone.web.double_click_guard import SECONDS, DoubleClickGuard


class Clock:
	def __init__(self) -> None:
		self.now = datetime(2026, 1, 1, tzinfo=timezone.utc)

	def __call__(self) -> datetime:
		return self.now

	def go_on(self, seconds: float) -> None:
		self.now += timedelta(seconds=seconds)


class Provider:
	def __init__(self) -> None:
		self.asked = 0

	def begin(self) -> str:
		self.asked += 1
		return f"https://provider.example/{self.asked}"


def test_a_double_click_is_one_visit_even_when_both_arrive_at_once() -> None:
	clicks, provider, together = DoubleClickGuard(Clock()), Provider(), Barrier(4)

	def click(_: int) -> str:
		together.wait(5)
		return clicks.open(("anne", "connect", "Bank"), provider.begin)

	with ThreadPoolExecutor(4) as pool:
		urls = set(pool.map(click, range(4)))
	assert urls == {"https://provider.example/1"}
	assert provider.asked == 1


def test_later_it_is_a_new_visit() -> None:
	clock, provider = Clock(), Provider()
	clicks = DoubleClickGuard(clock)
	clicks.open(("anne", "connect"), provider.begin)
	clock.go_on(SECONDS + 1)
	assert clicks.open(("anne", "connect"), provider.begin) == "https://provider.example/2"


def test_another_user_or_bank_is_another_visit() -> None:
	clicks, provider = DoubleClickGuard(Clock()), Provider()
	keys = [("anne", "connect", "A"), ("anne", "connect", "B"), ("bob", "connect", "A")]
	assert len({clicks.open(key, provider.begin) for key in keys}) == 3


def test_coming_back_ends_the_connect_attempts_of_that_user_only() -> None:
	clicks, provider = DoubleClickGuard(Clock()), Provider()
	clicks.open(("anne", "connect"), provider.begin)
	clicks.open(("bob", "connect"), provider.begin)
	clicks.end("anne")
	assert clicks.open(("anne", "connect"), provider.begin).endswith("/3")
	assert clicks.open(("bob", "connect"), provider.begin).endswith("/2")


def test_a_failed_click_is_not_remembered() -> None:
	clicks, provider = DoubleClickGuard(Clock()), Provider()

	def fail() -> str:
		raise TemporaryError("The provider does not answer")

	with pytest.raises(TemporaryError):
		clicks.open(("anne", "connect"), fail)
	assert clicks.open(("anne", "connect"), provider.begin).endswith("/1")
