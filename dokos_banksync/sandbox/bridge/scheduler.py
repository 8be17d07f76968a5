"""Bridge's fetches at the banks: after a consent, and once or twice a day by itself."""

from __future__ import annotations

from typing import Any

from dokos_banksync.sandbox.bridge.events import Events
from dokos_banksync.sandbox.bridge.model import Account, Item, User
from dokos_banksync.sandbox.bridge.outcomes import NOT_FETCHED, info_of, outcome_of
from dokos_banksync.sandbox.bridge.reader import Counts, Reading, RowIds
from dokos_banksync.sandbox.clock import Clock, iso


class Scheduler:
	"""Moves items from one state to the next and tells the webhooks."""

	def __init__(self, clock: Clock, ids: RowIds, events: Events) -> None:
		self._clock = clock
		self._ids = ids
		self._events = events

	def refresh(self, user: User, item: Item) -> None:
		"""Make a scheduled fetch, without a user present."""
		if item.status in NOT_FETCHED:
			return
		item.last_try_refresh = self._clock.now()
		status, info = self._unattended(item)
		if status in (0, 1009):
			self._fetch(user, item, "scheduler")
			item.status, item.status_code_info = status, info
		else:
			self.fail(user, item, status=status, info=info, trigger="scheduler")

	def consented(self, user: User, item: Item, *, new: bool) -> None:
		"""Fetch right after the user gave or renewed a consent, with the documented order of events."""
		item.last_try_refresh = self._clock.now()
		slow = item.institution.slow_history and not item.complete
		item.status, item.status_code_info = (-2 if new else -3) if slow else 0, "ok"
		for account in item.accounts.values() if new else ():
			self._events.send("item.account.created", self._account_content(user, account))
		self._events.send("item.refreshed", self._item_content(user, item, "connect", full=False))
		self._read(user, item, whole=not slow)
		if not slow:
			item.complete = True
			item.last_successful_refresh = self._clock.now()
			self._events.send("item.refreshed", self._item_content(user, item, "connect", full=True))

	def fail(self, user: User, item: Item, status: int, info: str, trigger: str) -> None:
		"""End a fetch or a login in another status than 0."""
		item.last_try_refresh = self._clock.now()
		item.status, item.status_code_info = status, info
		for account in item.accounts.values():
			account.last_refresh_status = "failed"
		self._events.send("item.refreshed", self._item_content(user, item, trigger, full=False))

	def reading(self, item: Item, account: Account) -> Reading:
		"""Return one reading of an account at its bank."""
		return Reading(account, item.institution, self._clock, self._ids)

	def _unattended(self, item: Item) -> tuple[int, str]:
		if item.expired(self._clock.now()):
			return 1010, info_of(1010)
		if item.institution.needs_user_present:
			return 1010, "sca_required_webview"
		if item.institution.down:
			return 1003, info_of(1003)
		outcome = outcome_of(item.script.pop(0)) if item.script else outcome_of("success")
		return outcome.status, outcome.info

	def _fetch(self, user: User, item: Item, trigger: str) -> None:
		first_whole = not item.complete
		self._read(user, item, whole=True)
		item.complete = True
		item.last_successful_refresh = self._clock.now()
		self._events.send("item.refreshed", self._item_content(user, item, trigger, full=first_whole))

	def _read(self, user: User, item: Item, *, whole: bool) -> None:
		for account in item.accounts.values():
			if not account.gone:
				counts = self.reading(item, account).read(whole=whole)
				account.last_refresh_status = "successful"
				self._events.send("item.account.updated", self._account_content(user, account, counts))

	def _item_content(self, user: User, item: Item, trigger: str, *, full: bool) -> dict[str, Any]:
		expiry = item.authentication_expires_at
		return {
			"item_id": item.id,
			"user_uuid": user.uuid,
			"status_code": item.status,
			"status_code_info": item.status_code_info,
			"account_types": item.account_types,
			"full_refresh": full,
			"refresh_trigger": trigger,
			"authentication_expires_at": iso(expiry) if expiry else None,
		}

	def _account_content(self, user: User, account: Account, counts: Counts | None = None) -> dict[str, Any]:
		content: dict[str, Any] = {
			"account_id": account.id,
			"item_id": account.item_id,
			"user_uuid": user.uuid,
		}
		if counts is not None:
			content["data_access"] = account.data_access
		if account.enabled:
			content["balance"] = float(account.real.balance(self._clock.today()))
		if counts is not None and account.enabled:
			content["nb_new_transactions"] = counts.new
			content["nb_updated_transactions"] = counts.updated
			content["nb_deleted_transactions"] = counts.deleted
		return content
