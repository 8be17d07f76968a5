"""Changes at a bank or at Plaid, simulated on demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from dokos_banksync.sandbox.movements import Movement
from dokos_banksync.sandbox.plaid.errors import PlaidError
from dokos_banksync.sandbox.plaid.model import Account
from dokos_banksync.sandbox.plaid.rows import stamp
from dokos_banksync.sandbox.plaid.state import Plaid


class Simulations:
	"""Each method is one of them; ids are Plaid's. KeyError for an id that nothing has."""

	def __init__(self, plaid: Plaid) -> None:
		self.plaid = plaid

	def all(self) -> dict[str, Callable[..., Any]]:
		"""Return the simulations by name, each run with the lock held."""
		names = (
			"late_row", "delete", "rebook", "recategorise", "change_account_id", "close_account", "set_error",
			"expire_consent", "revoke", "repair_login", "disconnect", "new_account", "rotate_key", "touch",
		)  # fmt: skip
		return {name: self._locked(getattr(self, name)) for name in names}

	def late_row(
		self, account_id: str, days: int = 40, cents: int = -4250, label: str = "CB RETARDATAIRE"
	) -> Movement:
		"""Book a movement on a day long past."""
		item, account = self.plaid.find_account(account_id)
		day = self.plaid.world.clock.today() - timedelta(days=days)
		movement = account.real.add_late(day, cents, label)
		self.plaid.update(item)
		return movement

	def delete(self, account_id: str, number: int = 1) -> Movement:
		"""Remove the n-th latest booked movement."""
		item, account = self.plaid.find_account(account_id)
		removed = account.real.remove(self._latest(account, number).key)
		self.plaid.update(item)
		return removed

	def rebook(self, account_id: str, number: int = 1, cents: int = -1999) -> Movement:
		"""Book the n-th latest movement anew, with another amount and another id."""
		item, account = self.plaid.find_account(account_id)
		booked = account.real.rebook(self._latest(account, number).key, cents)
		self.plaid.update(item)
		return booked

	def recategorise(self, account_id: str, number: int = 1, category: str = "restaurant") -> Movement:
		"""Plaid changes its mind about a category: the row comes as modified."""
		item, account = self.plaid.find_account(account_id)
		changed = account.real.recategorise(self._latest(account, number).key, category)
		self.plaid.update(item)
		return changed

	def change_account_id(self, account_id: str) -> str:
		"""Give the account another id, as after a renaming: old rows are removed, and the same come as new ones."""
		item, account = self.plaid.find_account(account_id)
		fresh = replace(account, id=self.plaid.new_id(), rows={}, read_until=None)
		for row in list(account.rows.values()):
			self.plaid.reader.remove(item, row)
		account.gone = True
		item.accounts[fresh.id] = fresh
		self.plaid.update(item)
		return fresh.id

	def close_account(self, account_id: str) -> None:
		"""End the sharing of one account, as a user does."""
		item, account = self.plaid.find_account(account_id)
		account.gone = True
		self.plaid.send(item, "ITEM", "USER_ACCOUNT_REVOKED", account_id=account.id)

	def set_error(self, item_id: str, code: str, reason: str | None = None) -> None:
		"""End each fetch of the item in an error."""
		self.plaid.fail(self.plaid.find_item(item_id), PlaidError(code, reason=reason))

	def expire_consent(self, item_id: str) -> None:
		"""End the consent of an item now."""
		item = self.plaid.find_item(item_id)
		item.consent_expires_at = self.plaid.now()
		self.plaid.fail(item, PlaidError("ITEM_LOGIN_REQUIRED", reason="OAUTH_CONSENT_EXPIRED"))

	def revoke(self, item_id: str) -> None:
		"""Withdraw the permission, as a user does at the bank or in Plaid's portal."""
		item = self.plaid.find_item(item_id)
		item.error = PlaidError("ITEM_LOGIN_REQUIRED", reason="OAUTH_USER_REVOKED")
		error = PlaidError("USER_PERMISSION_REVOKED").as_json(status=True)
		self.plaid.send(item, "ITEM", "USER_PERMISSION_REVOKED", error=error)

	def repair_login(self, item_id: str) -> None:
		"""Repair the login without our update mode, as through another application."""
		item = self.plaid.find_item(item_id)
		item.error = None
		self.plaid.send(item, "ITEM", "LOGIN_REPAIRED")

	def disconnect(self, item_id: str, days: int = 7, reason: str = "INSTITUTION_MIGRATION") -> None:
		"""Plaid warns that the item will stop working."""
		item = self.plaid.find_item(item_id)
		at = self.plaid.now() + timedelta(days=days)
		self.plaid.send(item, "ITEM", "PENDING_DISCONNECT", reason=reason, disconnect_time=stamp(at))

	def new_account(self, item_id: str, transactions: int = 12) -> str:
		"""Open one more account at the bank. Return the key of the account."""
		item = self.plaid.find_item(item_id)
		real = self.plaid.world.add_bulk_account(transactions, item.institution.id)
		self.plaid.refresh()
		return real.key

	def rotate_key(self) -> None:
		"""Sign webhooks with another key from now on."""
		self.plaid.rotate_key()

	def touch(self, account_id: str) -> None:
		"""Something about the latest row changes that no field shows."""
		item, account = self.plaid.find_account(account_id)
		self.plaid.reader.write(item, list(account.rows.values())[-1])

	def _latest(self, account: Account, number: int) -> Movement:
		return account.real.movements(self.plaid.world.clock.today())[-number]

	def _locked(self, simulation: Callable[..., Any]) -> Callable[..., Any]:
		def run(**values: Any) -> Any:
			"""Run the simulation with the lock held."""
			with self.plaid.lock:
				return simulation(**values)

		return run
