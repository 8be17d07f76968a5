"""What a host calls the fields of its own documents."""

from __future__ import annotations

from dataclasses import dataclass, field

RECONCILED = ("Reconciled", "Settled", "Closed")
"""States in which a user, or the host, has dealt with a bank transaction."""


@dataclass(frozen=True)
class HostFields:
	"""Fields of the host's doctypes, for use in SQL. An empty name: this host has no such field.

	The expressions are those of a Bank Transaction `t`.
	"""

	inflow: str
	outflow: str
	remote_id: str
	unique_remote_id: bool
	reference: str
	kind: str
	party_name: str
	party_iban: str
	category: str
	origin: str
	signed_unallocated: bool
	submittable: bool
	amount: str
	"""SQL of the signed amount, money in positive."""
	live: str
	"""SQL that holds for a bank transaction that counts."""
	windows: tuple[tuple[str, int], ...]
	"""SQL that finds bank transactions by the amount of `asked`, so that an index is used, with the sign of the
	amounts it finds; 0 for all."""
	category_title: str
	mode: str = ""
	"""The host's `transaction_type`, which its tools copy into the mode of payment of a voucher."""
	party_account: str = ""
	"""For an account number that is no IBAN."""
	category_prefix: str = ""
	"""Before the fields that we added to the host's category."""
	account_fields: dict[str, str] = field(default_factory=dict)
	"""Fields of a Bank Account that may be ours: `opening_balance`, `opening_date`, `lock_date`."""
	derived: tuple[str, ...] = ()
	"""Columns of a bank transaction that the database computes."""
	origin_length: int = 140

	@property
	def money(self) -> tuple[str, str]:
		"""Columns that the amount is stored in."""
		return self.inflow, self.outflow

	@property
	def reconciled(self) -> str:
		"""SQL of 1 for a bank transaction that is reconciled, else 0."""
		states = ", ".join(f"'{state}'" for state in RECONCILED)
		return f"CASE WHEN t.status IN ({states}) OR COALESCE(t.allocated_amount, 0) <> 0 THEN 1 ELSE 0 END"

	def of_category(self, fieldname: str) -> str:
		"""Return the name of a field of Bank Transaction Category that may be ours."""
		return f"{self.category_prefix}{fieldname}"

	@staticmethod
	def _text(column: str) -> str:
		return f"t.`{column}`" if column else "''"

	@property
	def columns(self) -> str:
		"""SQL of the columns of an `ExistingTransaction`; sources and labels come from its lines."""
		return f"""
			t.name t_name, t.`date` t_date, {self.amount} t_amount, t.currency t_currency,
			t.description t_description, t.`{self.category}` t_category, {self.reconciled} t_reconciled,
			{self._text(self.reference)} t_reference, {self._text(self.party_iban)} t_party_iban
		"""
