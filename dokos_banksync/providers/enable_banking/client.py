"""Calls to Enable Banking: the signature, the banks' daily quotas, errors and paging."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

from dokos_banksync.core.errors import ConfigurationError, RateLimited, SyncError
from dokos_banksync.core.provider import Clock, RateLimitStore
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.address import LoopGuard
from dokos_banksync.providers.enable_banking import errors
from dokos_banksync.providers.enable_banking.signing import Signer
from dokos_banksync.providers.failures import malformed
from dokos_banksync.providers.http import Answer, Headers, Http, Parse, Query
from dokos_banksync.providers.parsing import Object, header, mapping, text

UNATTENDED_CALLS = 4
"""A day, for each account and each kind of data: Commission Delegated Regulation (EU) 2018/389, article 36(5)."""
LARGEST_SKEW = timedelta(seconds=60)

_DAY = timedelta(days=1)
_ROWS = "transactions"
_parse_rows = partial(rawjson.loads_rows, key=_ROWS)


class Client:
	"""Enable Banking's API for one application."""

	def __init__(self, http: Http, signer: Signer, rate_limits: RateLimitStore, clock: Clock) -> None:
		self._http, self._signer, self._rate_limits, self._clock = http, signer, rate_limits, clock

	def close(self) -> None:
		"""Close open network connections."""
		self._http.close()

	def now(self) -> datetime:
		"""Return the present instant (UTC)."""
		return self._clock()

	def get(self, path: str, query: Query | None = None) -> Object:
		"""Return the body of an answer."""
		return mapping(self._call("GET", path, query=query).data)

	def post(self, path: str, body: Mapping[str, object]) -> Object:
		"""Create something: tried again only where nothing can have been done."""
		return mapping(self._call("POST", path, body=body, repeatable=False).data)

	def delete(self, path: str) -> None:
		"""Delete a resource."""
		self._call("DELETE", path)

	def read(self, uid: str, kind: str, key: str, presence: Headers) -> Object:
		"""Return data of an account ("balances"), counted against the bank's quota under the account's `key`."""
		return mapping(self._data(uid, kind, key, presence=presence, query={}, parse=rawjson.loads).data)

	def pages(self, uid: str, key: str, presence: Headers, query: Query) -> Iterator[list[rawjson.Row]]:
		"""Yield the transactions of an account, page by page. A page may be empty and not be the last.

		A following page is part of its first call and counts against no quota.
		"""
		guard = LoopGuard(self._http.address.host)
		answer = self._data(uid, _ROWS, key, presence=presence, query=query, parse=_parse_rows)
		while True:
			rows = mapping(answer.data).get(_ROWS)
			if not isinstance(rows, list):
				raise malformed("Enable Banking", _ROWS)
			yield rows
			following = text(mapping(answer.data).get("continuation_key"))
			if not following:
				return
			more = {**query, "continuation_key": guard.follow(following)}
			answer = self._data(uid, _ROWS, "", presence=presence, query=more, parse=_parse_rows)

	def _data(self, uid: str, kind: str, key: str, presence: Headers, query: Query, parse: Parse) -> Answer:
		"""Read data of an account. `key` counts the call, "" for one that is not counted."""
		before = partial(self._count, key, kind) if key and not presence else None
		path = f"/accounts/{uid}/{kind}"
		return self._call("GET", path, query=query, headers=presence, parse=parse, before=before)

	def _count(self, key: str, kind: str) -> None:
		until = self._rate_limits.acquire(
			f"{kind}:{key}", UNATTENDED_CALLS, _DAY.total_seconds(), self._clock()
		)
		if until is not None:
			raise RateLimited(
				"The bank allows {0} fetches a day without you, and they are used up. The next one is "
				"automatic; to read now, fetch while you are here.",
				UNATTENDED_CALLS,
				until=until,
			)

	def _call(self, method: str, path: str, *, headers: Headers | None = None, **order: Any) -> Answer:
		token = self._signer.token(self._clock())
		bearer = {"Authorization": type(token)(f"Bearer {token.reveal()}"), **(headers or {})}
		answer = self._http.request(method, path, headers=bearer, **order)
		if answer.status >= 300:
			raise self._client_error(answer)
		return answer

	def _client_error(self, answer: Answer) -> SyncError:
		"""Return the error of an answer; where a signature is refused, a clock that is wrong may be why."""
		token = self._signer.token(self._clock())
		found = errors.error(answer, self._clock(), (token,))
		skew = _skew(answer, self._clock())
		if isinstance(found, ConfigurationError) and answer.status == 401 and abs(skew) > LARGEST_SKEW:
			sentence = _AHEAD if skew > timedelta(0) else _BEHIND
			return ConfigurationError(
				sentence, round(abs(skew).total_seconds() / 60), reference=found.reference
			)
		return found


_AHEAD = (
	"The clock of this server is {0} minutes ahead of Enable Banking's, so that our signature is not accepted. Set "
	"it to the right time."
)
_BEHIND = (
	"The clock of this server is {0} minutes behind Enable Banking's, so that our signature is not accepted. Set it "
	"to the right time."
)


def _skew(answer: Answer, now: datetime) -> timedelta:
	"""Return how far our clock is ahead of the provider's, by the `Date` header of its answer."""
	given = header(answer.headers, "Date")
	try:
		return now - parsedate_to_datetime(given)
	except (ValueError, TypeError):
		return timedelta(0)
