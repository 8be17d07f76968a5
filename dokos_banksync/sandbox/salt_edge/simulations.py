"""Changes at a bank or at Salt Edge, simulated on demand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from dokos_banksync.sandbox.movements import Movement
from dokos_banksync.sandbox.salt_edge.model import Account, Connection, Row
from dokos_banksync.sandbox.salt_edge.state import SaltEdge


class Simulations:
	"""Each method is one of them; ids are Salt Edge's. KeyError for an id that nothing has."""

	def __init__(self, salt: SaltEdge) -> None:
		self.salt = salt

	def all(self) -> dict[str, Callable[..., Any]]:
		"""Return the simulations by name, each run with the lock held."""
		names = (
			"late_row", "delete", "rebook", "duplicate", "fetch", "fail", "expire_consent", "revoke_consent", "disable",
		)  # fmt: skip
		return {name: self._locked(getattr(self, name)) for name in names}

	def late_row(
		self, account_id: str, days: int = 40, cents: int = -4250, label: str = "CB RETARDATAIRE"
	) -> Movement:
		"""Book a movement on a day long past."""
		connection, account = self._find(account_id)
		day = self.salt.world.clock.today() - timedelta(days=days)
		movement = account.real.add_late(day, cents, label)
		self._fetch(connection)
		return movement

	def delete(self, account_id: str, number: int = 1) -> Movement:
		"""Remove the n-th latest booked movement; its row disappears without a trace."""
		connection, account = self._find(account_id)
		removed = account.real.remove(self._latest(account, number).key)
		self._fetch(connection)
		return removed

	def rebook(self, account_id: str, number: int = 1, cents: int = -1999) -> Movement:
		"""Book the n-th latest movement anew, with another amount and another id."""
		connection, account = self._find(account_id)
		booked = account.real.rebook(self._latest(account, number).key, cents)
		self._fetch(connection)
		return booked

	def duplicate(self, account_id: str, number: int = 1) -> Movement:
		"""Salt Edge imports a movement again under another text, then finds that the older row is a duplicate."""
		connection, account = self._find(account_id)
		movement = self._latest(account, number)
		older = account.rows[movement.key]
		fresh = Row(
			self.salt.new_id(),
			account,
			movement=movement,
			cents=movement.cents,
			created_at=self.salt.now(),
			description=movement.clean,
		)
		account.rows[movement.key] = fresh
		if connection.unduplication != "delete_duplicated":
			older.duplicated = True
			account.duplicates.append(older)
		self.salt.call_back(connection, "success", stage="finish")
		return movement

	def fetch(self, connection_id: str) -> None:
		"""Fetch as Salt Edge does, whatever the limits."""
		self._fetch(self.salt.find(connection_id))

	def fail(self, connection_id: str, error_class: str, status: str = "") -> None:
		"""End a fetch in an error; with `status` the connection changes its own."""
		connection = self.salt.find(connection_id)
		self.salt.fail(connection, error_class)
		connection.status = status or connection.status

	def expire_consent(self, connection_id: str) -> None:
		"""End the consent of a connection now."""
		connection = self.salt.find(connection_id)
		connection.consent.expires_at = self.salt.now()
		self.salt.expire_if_due(connection)

	def revoke_consent(self, connection_id: str) -> None:
		"""End the consent, as a user does at the bank."""
		connection = self.salt.find(connection_id)
		consent = connection.consent
		consent.ended, consent.ended_at, consent.reason = "revoked", self.salt.now(), "provider"
		connection.status = "inactive"

	def disable(self, connection_id: str) -> None:
		"""Salt Edge disables a connection."""
		self.salt.find(connection_id).status = "disabled"

	def _fetch(self, connection: Connection) -> None:
		self.salt.attempt(connection, {"custom_fields": connection.attempt.custom_fields}, user_present=False)

	def _find(self, account_id: str) -> tuple[Connection, Account]:
		for connection in self.salt.connections():
			if account_id in connection.accounts:
				return connection, connection.accounts[account_id]
		raise KeyError(f"account {account_id}")

	def _latest(self, account: Account, number: int) -> Movement:
		return account.real.movements(self.salt.world.clock.today())[-number]

	def _locked(self, simulation: Callable[..., Any]) -> Callable[..., Any]:
		def run(**values: Any) -> Any:
			"""Run the simulation with the lock held."""
			with self.salt.lock:
				return simulation(**values)

		return run
