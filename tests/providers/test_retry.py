from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokos_banksync.core.errors import TemporaryError
from dokos_banksync.providers.retry import FailureKind, RetryPolicy, retry_after

NOW = datetime(2026, 10, 28, 12, 0, tzinfo=timezone.utc)
FAILURE = FailureKind(TemporaryError("no"))


@pytest.mark.parametrize(
	("value", "seconds"),
	[
		("", None),
		("soon", None),
		("-3", None),
		("1.5", None),
		("99999999999999999999", None),
		("0", 0.0),
		(" 120 ", 120.0),
		("Wed, 28 Oct 2026 12:01:30 GMT", 90.0),
		("Wed, 28 Oct 2026 11:00:00 GMT", 0.0),
		("Wed, 28 Oct 2026 12:01:30 -0000", 90.0),
	],
)
def test_retry_after(value: str, seconds: float | None) -> None:
	assert retry_after(value, NOW) == seconds


@given(st.text())
def test_retry_after_of_anything(value: str) -> None:
	assert retry_after(value, NOW) is None or retry_after(value, NOW) >= 0  # type: ignore[operator]


def test_pauses_grow_to_a_cap_and_end() -> None:
	patience = RetryPolicy(tries=7, first=0.5, cap=4.0)
	assert [patience.pause(n, FAILURE, 1.0) for n in range(1, 8)] == [0.5, 1.0, 2.0, 4.0, 4.0, 4.0, None]
	assert patience.pause(1, FAILURE, 0.0) == 0.25


def test_a_wait_that_is_asked_for() -> None:
	patience = RetryPolicy(longest=30.0)
	assert patience.pause(1, FailureKind(FAILURE.error, asked=30.0), 0.5) == 30.0
	assert patience.pause(1, FailureKind(FAILURE.error, asked=31.0), 0.5) is None
	assert patience.pause(4, FailureKind(FAILURE.error, asked=0.0), 0.5) is None
