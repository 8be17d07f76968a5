"""What this site calls things. Asked of the site's own definitions, never of a version number."""

from __future__ import annotations

from dataclasses import dataclass

import frappe

TRANSACTION = "Bank Transaction"
ACCOUNT = "Bank Account"
CATEGORY = "Bank Transaction Category"
LINE = "Sync Line"
CONNECTION = "Sync Connection"
REMOTE = "Sync Remote Account"
PROVIDER = "Sync Provider"
RUN = "Sync Run"
JOURNAL = "Sync Journal Entry"
COVERAGE = "Sync Coverage"
PAIR = "Sync Separate Pair"
PLAN = "Sync Plan"


def has(doctype: str, fieldname: str) -> bool:
	return bool(frappe.get_meta(doctype).has_field(fieldname))


def named(doctype: str, fieldname: str) -> str:
	"""The host's own field of this name, or the one that we added under our prefix."""
	return fieldname if has(doctype, fieldname) else f"banksync_{fieldname}"


@dataclass(frozen=True)
class Dialect:
	"""Fields of a Bank Transaction. An empty name: this host has none."""

	inflow: str
	outflow: str
	remote_id: str
	unique_remote_id: bool
	reference: str
	kind: str
	"""What the provider calls the operation."""
	mode: str
	"""The host's `transaction_type`, which its tools copy into the mode of payment of a voucher."""
	party_name: str
	party_iban: str
	party_account: str
	"""For an account number that is no IBAN."""
	category: str
	origin: str
	signed_unallocated: bool
	submittable: bool

	@classmethod
	def of_site(cls) -> Dialect:
		meta = frappe.get_meta(TRANSACTION)
		french = not meta.has_field("deposit")
		id_field = "reference_number" if not meta.has_field("transaction_id") else "transaction_id"

		def own(fieldname: str) -> str:
			return fieldname if meta.has_field(fieldname) else ""

		kind = own("kind") or own("banksync_kind") or own("transaction_type")
		return cls(
			inflow="credit" if french else "deposit",
			outflow="debit" if french else "withdrawal",
			remote_id=id_field,
			unique_remote_id=french or bool(meta.get_field(id_field).unique),
			reference="" if id_field == "reference_number" else own("reference_number"),
			kind=kind,
			mode=own("transaction_type") if kind != "transaction_type" else "",
			party_name=own("bank_party_name"),
			party_iban=own("bank_party_iban"),
			party_account=own("bank_party_account_number"),
			category=named(TRANSACTION, "category"),
			origin=named(TRANSACTION, "origin"),
			signed_unallocated=french,
			submittable=bool(meta.is_submittable),
		)

	@property
	def money(self) -> tuple[str, str]:
		"""Columns that the amount is kept in."""
		return self.inflow, self.outflow

	@property
	def amount(self) -> str:
		"""SQL of the signed amount of `t`: money in positive."""
		return f"(COALESCE(t.`{self.inflow}`, 0) - COALESCE(t.`{self.outflow}`, 0))"
