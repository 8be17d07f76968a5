"""How many readings of an account are left today.

A bank allows some readings a day of each account and kind of data (details, balances, transactions), as few as four.
Each answer says in its headers how many are left and in how many seconds they are renewed. The names of the headers have
the prefix `HTTP_`; both forms are accepted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from dokos_banksync.core.provider import RateLimitStore, Secret, SecretStore
from dokos_banksync.core.provider_stores import Usage

LEAST_A_DAY = 4
"""The least that a bank allows: Commission Delegated Regulation (EU) 2018/389, article 36(5)."""
DAY = timedelta(days=1)

_PREFIX = "X_RATELIMIT_ACCOUNT_SUCCESS_"
_NAMES = ("LIMIT", "REMAINING", "RESET")
_DIGITS = 6


class Remaining(NamedTuple):
	"""The readings that are left until an instant (UTC); `limit` is how many there are in all, 0 where it is not said."""

	calls: int
	reset_at: datetime
	limit: int = 0


def remaining(headers: Mapping[str, str], now: datetime) -> Remaining | None:
	"""Return what the headers of an answer say is left; None where they say nothing."""
	plain = {name.upper().replace("-", "_").removeprefix("HTTP_"): value for name, value in headers.items()}
	limit, calls, seconds = (_number(plain.get(f"{_PREFIX}{name}", "")) for name in _NAMES)
	if calls is None or seconds is None:
		return None
	return Remaining(calls, now + min(timedelta(seconds=seconds), DAY), limit or 0)


def _number(value: str) -> int | None:
	return int(value) if value.isdecimal() and value.isascii() and len(value) <= _DIGITS else None


class Quotas:
	"""Respects the limits before they are hit. All processes of a host share what is known."""

	def __init__(self, secret_store: SecretStore, rate_limits: RateLimitStore) -> None:
		self._secret_store, self._rate_limits = secret_store, rate_limits

	def take(self, account: str, scope: str, now: datetime) -> Remaining | None:
		"""Count a reading that is about to go. Return when there are more where none is left.

		What the bank said last counts; where it has said nothing, four a day.
		"""
		known = self._known(account, scope)
		if known and known.reset_at > now:
			return known if known.calls == 0 else None
		until = self._rate_limits.acquire(f"{scope}:{account}", LEAST_A_DAY, DAY.total_seconds(), now)
		return Remaining(0, until) if until else None

	def note(self, account: str, scope: str, headers: Mapping[str, str], now: datetime) -> None:
		"""Keep what an answer says is left."""
		left = remaining(headers, now)
		if left:
			self.keep(account, scope, left)

	def keep(self, account: str, scope: str, left: Remaining) -> None:
		"""Keep what the bank says is left; it is also what users are shown."""
		value = json.dumps([left.calls, left.reset_at.isoformat()])
		self._secret_store.put(_key(account, scope), Secret(value), left.reset_at)
		limit = max(left.limit or LEAST_A_DAY, left.calls)
		stated = Usage(f"{scope}:{account}", limit - left.calls, limit, left.reset_at)
		self._rate_limits.state(stated, DAY.total_seconds())

	def _known(self, account: str, scope: str) -> Remaining | None:
		stored = self._secret_store.get(_key(account, scope))
		if stored is None:
			return None
		calls, reset_at = json.loads(stored.reveal())
		return Remaining(calls, datetime.fromisoformat(reset_at))


def _key(account: str, scope: str) -> str:
	return f"gocardless-quota:{scope}:{account}"
