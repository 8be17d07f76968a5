"""Synchronizations on demand: Ponto reads the bank now.

They take some seconds, and are allowed once in five minutes and fifty times a day for each account and kind of data.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from dokos_banksync.core.errors import RateLimited, SyncError, TemporaryError
from dokos_banksync.core.provider import Access, Context, RateLimitStore, Refreshed
from dokos_banksync.providers.limits import Sleep
from dokos_banksync.providers.parsing import Object, identifier, mapping, text
from dokos_banksync.providers.ponto import accounts, errors
from dokos_banksync.providers.ponto.client import Client

SUBTYPES = ("accountDetails", "accountTransactionsWithUnsettled")
PAUSE, DAY = timedelta(minutes=5), timedelta(days=1)
A_DAY = 50

_POLL_SECONDS = 2.0
_POLLS = 45


class Refresher:
	"""Starts synchronizations within the limits, and waits for them."""

	def __init__(self, client: Client, rate_limits: RateLimitStore, sleep: Sleep) -> None:
		self._client, self._rate_limits, self._sleep = client, rate_limits, sleep

	def refresh(self, access: Access, context: Context) -> Refreshed:
		"""Have every account of a connection read. Raise when none could be."""
		started, waits, failures = self._start(access, context)
		failures += [failure for one in started if (failure := self._wait(one, access))]
		if not started and waits:
			return Refreshed(ready=False, next_possible_at=min(waits))
		if failures and len(failures) >= len(started):
			raise failures[0]
		return Refreshed(ready=True)

	def _start(self, access: Access, context: Context) -> tuple[list[str], list[datetime], list[SyncError]]:
		"""Start what may be started: ids of synchronizations, when the others may be, and what was refused."""
		started: list[str] = []
		waits: list[datetime] = []
		failures: list[SyncError] = []
		for account_id in accounts.account_ids(accounts.shown(self._client, access)):
			for subtype in SUBTYPES:
				until = self._allowed(account_id, subtype)
				if until:
					waits.append(until)
					continue
				try:
					started.append(self._create(account_id, subtype, access, context))
				except RateLimited as error:
					waits.append(error.until)
				except TemporaryError as error:
					failures.append(error)
		return started, waits, failures

	def _allowed(self, account_id: str, subtype: str) -> datetime | None:
		"""Count a synchronization; when it may go, if not now."""
		now = self._client.now()
		until = self._rate_limits.acquire(f"{subtype}:{account_id}", 1, PAUSE.total_seconds(), now)
		return until or self._rate_limits.acquire(
			f"{subtype} day:{account_id}", A_DAY, DAY.total_seconds(), now
		)

	def _create(self, account_id: str, subtype: str, access: Access, context: Context) -> str:
		attributes = {"resourceType": "account", "resourceId": account_id, "subtype": subtype}
		if context.user_present and context.ip_address:
			attributes["customerIpAddress"] = context.ip_address
		return identifier(
			self._client.post("/synchronizations", "synchronization", attributes, access).get("id")
		)

	def _wait(self, synchronization_id: str, access: Access) -> SyncError | None:
		"""Wait for the end of a synchronization; why it failed, if it did."""
		for _ in range(_POLLS):
			found = self._client.get(f"/synchronizations/{synchronization_id}", access)
			attributes: Object = mapping(found.get("attributes"))
			if text(attributes.get("status")) in ("success", "error"):
				return errors.of_synchronization(attributes)
			self._sleep(_POLL_SECONDS)
		return TemporaryError("Ponto is still reading the bank. Its data come with a later run.")
