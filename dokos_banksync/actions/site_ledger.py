"""What a site needs of its ledger beyond the port of the core."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.provider_stores import Usage
from dokos_banksync.core.records import BankAccountRecord, CategoryRecord, RunRecord
from dokos_banksync.core.review.undo_plan import Plan as UndoPlan
from dokos_banksync.core.subscription import Subscription


class SiteLedger(Ledger, Protocol):
	"""What a site needs of its ledger beyond the port of the core."""

	def providers(self) -> list[dict[str, Any]]:
		"""Sync Providers without any secret."""
		...

	def subscription_of(self, connection: str) -> tuple[str, Subscription]:
		"""Return what `subscription` does, of the provider of a connection. Raise `NotFound` for an unknown one."""
		...

	def usage(self, provider: str) -> list[Usage]:
		"""Return the calls that count against the limits of a provider at present."""
		...

	def forget_connection(self, name: str) -> None:
		"""Drop a connection that never came to be."""
		...

	def bank_accounts(self, bank: str = "") -> list[BankAccountRecord]:
		"""Return the Bank Accounts of a bank, or all of them."""
		...

	def runs(self, connection: str = "", limit: int = 20) -> list[RunRecord]:
		"""Return the latest runs of a connection, or of all, the latest first."""
		...

	def runs_named(self, names: Sequence[str]) -> list[RunRecord]:
		"""Return those runs that exist, the latest first."""
		...

	def runs_about(self, connections: Sequence[str], bank_accounts: Sequence[str], limit: int) -> list[str]:
		"""Return names of runs, the latest first: of the connections, and of what changed the bank accounts."""
		...

	def all_categories(self) -> list[CategoryRecord]:
		"""Return the categories of all providers and users."""
		...

	def add_category(self, category_name: str, parent: str = "") -> str:
		"""Create a category and return its name."""
		...

	def rename_category(self, name: str, category_name: str) -> None:
		"""Rename a category, and mark it as edited by a user."""
		...

	def delete_category(self, name: str) -> None:
		"""Delete a category, and remember that a user did."""
		...

	def plan_undo(self, run: str) -> UndoPlan:
		"""Return what an undo of the run would revert and what it could not. Raises `InvalidData` if it is nothing."""
		...
