"""What a host calls the fields of its own documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

RECONCILED = ("Reconciled", "Closed")
"""States in which a user, or the host, has dealt with a bank transaction. "Settled" is none of them: the Plaid code of
ERPNext and Dokos writes it on every row that is not pending."""


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
	"""SQL condition: the bank transaction is counted."""
	windows: tuple[tuple[str, int], ...]
	"""SQL that finds bank transactions by the amount of `asked`, so that an index is used, with the sign of the
	amounts it finds; 0 for all."""
	category_title: str
	mode: str = ""
	"""The host's `transaction_type`, which its tools copy into the mode of payment of a voucher."""
	party_account: str = ""
	"""For an account number that is not an IBAN."""
	category_prefix: str = ""
	"""Before the fields that we added to the host's category."""
	account_fields: dict[str, str] = field(default_factory=dict)
	"""Fields of a Bank Account that may be ours: `opening_balance`, `opening_date`, `lock_date`."""
	derived: tuple[str, ...] = ()
	"""Columns of a bank transaction that the database computes."""
	origin_length: int = 140
	second_inflow: str = ""
	second_outflow: str = ""
	"""Where the host stores an amount twice, in two pairs of columns: the other pair, empty for none."""

	@property
	def money(self) -> tuple[str, str]:
		"""Return the columns that the amount is read from: money in, money out."""
		return self.inflow, self.outflow

	@property
	def money_columns(self) -> tuple[str, ...]:
		"""Return the columns that the amount is stored in."""
		second = (self.second_inflow, self.second_outflow)
		return (*self.money, *second) if self.second_inflow else self.money

	def money_values(self, amount: Decimal) -> dict[str, Decimal]:
		"""Return the columns that the amount (money in positive) is stored in, and their values."""
		paid_in, paid_out = max(amount, Decimal(0)), max(-amount, Decimal(0))
		return dict(zip(self.money_columns, (paid_in, paid_out) * 2, strict=False))

	@property
	def paid_in(self) -> str:
		"""Return the SQL of the money in of a bank transaction, positive."""
		return self._paid(self.inflow, self.second_inflow)

	@property
	def paid_out(self) -> str:
		"""Return the SQL of the money out of a bank transaction, positive."""
		return self._paid(self.outflow, self.second_outflow)

	def _paid(self, column: str, second: str) -> str:
		"""The second pair counts for a document that was made without the first one."""
		if not second:
			return f"COALESCE(t.`{column}`, 0)"
		first_is_empty = f"COALESCE(t.`{self.inflow}`, 0) = 0 AND COALESCE(t.`{self.outflow}`, 0) = 0"
		return f"CASE WHEN {first_is_empty} THEN COALESCE(t.`{second}`, 0) ELSE COALESCE(t.`{column}`, 0) END"

	@property
	def reconciled(self) -> str:
		"""Return the SQL of 1 for a bank transaction that is reconciled, else 0."""
		states = ", ".join(f"'{state}'" for state in RECONCILED)
		return f"CASE WHEN t.status IN ({states}) OR COALESCE(t.allocated_amount, 0) <> 0 THEN 1 ELSE 0 END"

	def of_category(self, fieldname: str) -> str:
		"""Return the name of a field of Bank Transaction Category that may be ours."""
		return f"{self.category_prefix}{fieldname}"

	@staticmethod
	def text(column: str) -> str:
		"""Return the SQL of a column that this host may lack."""
		return f"t.`{column}`" if column else "''"

	@property
	def without_line(self) -> str:
		"""Return the SQL condition that the bank transaction was not created from a line."""
		return f"(t.`{self.origin}` IS NULL OR t.`{self.origin}` = '')"

	@property
	def columns(self) -> str:
		"""Return the SQL of the columns of an `ExistingTransaction`; sources and labels come from its lines."""
		return f"""
			t.name t_name, t.`date` t_date, {self.amount} t_amount, t.currency t_currency,
			t.description t_description, t.`{self.category}` t_category, {self.reconciled} t_reconciled,
			{self.text(self.reference)} t_reference, {self.text(self.party_iban)} t_party_iban,
			{self.text(self.remote_id)} t_remote_id
		"""


def within(condition: str) -> str:
	"""Return a condition of `HostFields.windows` for the amounts between two values."""
	return condition.replace("= asked.amount", "BETWEEN %s AND %s")
