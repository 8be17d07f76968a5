"""Bank transactions that lines become: in bulk where that equals what the host does for one, else one by one.

The first of a bank account goes through the document, and so teaches what the host makes of one: its defaults,
what it fetches, what it sets on submission, the versions it keeps. The others differ from it only in what a
line tells.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import frappe
from frappe.model.meta import get_field_precision

from dokos_banksync.core.model import Decision
from dokos_banksync.hosts.frappe.ledger import naming_series, sql
from dokos_banksync.hosts.frappe.ledger.base import REFUSALS, refusal
from dokos_banksync.hosts.frappe.ledger.customisations import attached
from dokos_banksync.hosts.frappe.ledger.dialect import TRANSACTION, Dialect
from dokos_banksync.hosts.frappe.ledger.lines import origin
from dokos_banksync.hosts.frappe.ledger.values import clip, is_iban, money_in

Key = tuple[str, str]
"""Source and remote id of a line."""

_FEW = 3
"""So few cost less as documents."""


@dataclass
class Written:
	"""Names of the bank transactions made, and why the host refused the others."""

	names: dict[Key, str] = field(default_factory=dict)
	refused: dict[Key, str] = field(default_factory=dict)


@dataclass(frozen=True)
class BulkTemplate:
	"""What the host made of one document: its row, the versions kept of it, and the series of its name."""

	row: Mapping[str, Any]
	versions: Sequence[Mapping[str, Any]]
	series: tuple[str, int] | None


class Writer:
	"""Writes bank transactions. Serves one run: what it has learnt holds as long as nobody changes the site."""

	def __init__(self, dialect: Dialect) -> None:
		self._dialect = dialect
		self._lessons: dict[str, BulkTemplate | None] = {}
		self._precisions: dict[str, int] = {}
		self._modes: dict[str, str] = {}

	def write(self, made: Sequence[Decision], categories: Mapping[str, Mapping[str, str]]) -> Written:
		"""A document that the host refuses is left out; the rest is made. `categories` by source and remote id."""
		written = Written()
		told = self._tell(made, categories)
		for bank_account in sorted({one.bank_account for one in made}):
			mine = {key: given for key, given in told.items() if given["bank_account"] == bank_account}
			self._write(bank_account, mine, written)
		return written

	def _write(self, bank_account: str, told: dict[Key, dict[str, Any]], written: Written) -> None:
		plain = {key: given for key, given in told.items() if self._is_plain(given)}
		if len(plain) <= _FEW:
			return self._one_by_one(told, written)
		if bank_account not in self._lessons:
			first = next(iter(plain))
			self._lessons[bank_account] = self._learn(first, plain.pop(first), written)
			told.pop(first)
		lesson = self._lessons[bank_account]
		if lesson is None or lesson.series is None:
			return self._one_by_one(told, written)
		try:
			with sql.undone_on_error():
				self._insert_many(lesson, lesson.series, plain, written)
		except Exception as error:
			if not sql.is_refusal(error):
				raise
			frappe.logger("banksync").warning("bulk insert gave way to documents: %s", type(error).__name__)
			plain = {}
		return self._one_by_one({key: told[key] for key in told if key not in plain}, written)

	def _is_plain(self, given: Mapping[str, Any]) -> bool:
		"""Nothing in it that the host would change: text that looks like a page is cleaned, an amount is rounded
		as its currency is, and a bank transaction of nothing counts as reconciled.
		"""
		marked = any(
			isinstance(value, str) and ("<" in value or value != value.strip()) for value in given.values()
		)
		amount = given[self._dialect.inflow] - given[self._dialect.outflow]
		return not marked and bool(amount) and amount == round(amount, self._decimals(given["currency"]))

	def _decimals(self, currency: str) -> int:
		if currency not in self._precisions:
			field = frappe.get_meta(TRANSACTION).get_field("unallocated_amount")
			self._precisions[currency] = int(get_field_precision(field, currency=currency) or 2)
		return self._precisions[currency]

	# -- in bulk ----------------------------------------------------------------------------------------
	def _learn(self, key: Key, given: dict[str, Any], written: Written) -> BulkTemplate | None:
		"""None where each document must go its own way, or the host refuses this one."""
		self._one_by_one({key: given}, written)
		name = written.names.get(key)
		if name is None or attached():
			return None
		[row] = sql.rows(f"SELECT * FROM {sql.table(TRANSACTION)} WHERE name = %s", (name,))
		kept = "SELECT * FROM `tabVersion` WHERE ref_doctype = %s AND docname = %s"
		versions = sql.rows(kept, (TRANSACTION, name))
		return BulkTemplate(row, versions, naming_series.pattern(frappe._dict(row)))

	def _insert_many(
		self,
		lesson: BulkTemplate,
		series: tuple[str, int],
		told: Mapping[Key, dict[str, Any]],
		written: Written,
	) -> None:
		given = dict(zip(naming_series.series(*series, len(told)), told.values(), strict=True))
		now, user = frappe.utils.now(), frappe.session.user
		stamps = {"creation": now, "modified": now, "owner": user, "modified_by": user}
		common = {**lesson.row, **stamps}
		if "_submitted" in common:  # Dodock's
			common.update(_submitted=now, _submitted_by=user)
		own = list(next(iter(given.values())))
		same = {column: value for column, value in common.items() if column not in (*own, "name")}
		sql.insert(
			TRANSACTION, ["name", *own], ((name, *one.values()) for name, one in given.items()), same=same
		)
		for version in lesson.versions:
			_insert_versions({**version, **stamps}, given)
		written.names.update(zip(told, given, strict=True))

	# -- one by one -------------------------------------------------------------------------------------
	def _one_by_one(self, told: Mapping[Key, dict[str, Any]], written: Written) -> None:
		for key, given in told.items():
			try:
				with sql.undone_on_error():
					written.names[key] = self._submit(given)
			except REFUSALS as error:
				if isinstance(error, frappe.UniqueValidationError) and self._dialect.origin in str(error):
					raise
				written.refused[key] = refusal(error)

	def _submit(self, given: Mapping[str, Any]) -> str:
		doc = frappe.get_doc({"doctype": TRANSACTION, **given})
		doc.flags.ignore_permissions = True
		doc.insert()
		if self._dialect.submittable:
			doc.submit()
		return str(doc.name)

	def _mode_of_payment(self, kind: str) -> str:
		"""Return the Mode of Payment of this name, or nothing: the host would refuse a voucher with another one."""
		if kind and kind not in self._modes:
			known = frappe.db.exists("DocType", "Mode of Payment")
			self._modes[kind] = (known and frappe.db.get_value("Mode of Payment", kind, "name")) or ""
		return self._modes.get(kind, "")

	# -- what a line tells ------------------------------------------------------------------------------
	def _tell(
		self, made: Sequence[Decision], categories: Mapping[str, Mapping[str, str]]
	) -> dict[Key, dict[str, Any]]:
		"""Fields of each document, money in positive in one field and money out in another."""
		taken = self.taken(made)
		told = {}
		for one in made:
			told[one.source, one.line.remote_id] = given = self._fields(one, categories.get(one.source, {}))
			key = (one.bank_account, folded(given[self._dialect.remote_id]))
			if key in taken:
				given[self._dialect.remote_id] = None
			if self._dialect.unique_remote_id:
				taken.add(key)
		return told

	def taken(self, made: Sequence[Decision]) -> set[tuple[str, str]]:
		"""Provider's ids that the host would refuse, by bank account: the first to bear an id keeps it.

		See `folded`.
		"""
		if not self._dialect.unique_remote_id:
			return set()
		column = self._dialect.remote_id
		found: set[str] = set()
		for ids in sql.parts([clip(one.line.remote_id) for one in made]):
			found.update(
				folded(row["id"])
				for row in sql.rows(
					f"SELECT `{column}` id FROM {sql.table(TRANSACTION)} WHERE `{column}` IN ({sql.marks(ids)})",
					ids,
				)
			)
		accounts = {one.bank_account for one in made}
		return {(account, remote_id) for account in accounts for remote_id in found}

	def _fields(self, made: Decision, categories: Mapping[str, str]) -> dict[str, Any]:
		line, dialect = made.line, self._dialect
		amount = money_in(line.amount)
		told = {
			dialect.remote_id: line.remote_id,
			dialect.reference: line.reference,
			dialect.kind: line.kind,
			dialect.mode: self._mode_of_payment(line.kind) if dialect.mode else "",
			dialect.party_name: line.party_name,
			**party_account(dialect, line.party_iban),
		}
		return {
			"date": line.date,
			"bank_account": made.bank_account,
			dialect.inflow: max(amount, Decimal(0)),
			dialect.outflow: max(-amount, Decimal(0)),
			"unallocated_amount": amount if dialect.signed_unallocated else abs(amount),
			"currency": line.currency,
			"description": line.description,
			dialect.category: categories.get(line.category),
			dialect.origin: origin(made.source, line.remote_id),
			**{column: clip(value) for column, value in told.items() if column},
		}


def party_account(dialect: Dialect, number: str) -> dict[str, str]:
	"""Return the counter-party's account by column: hosts refuse to save what is no IBAN in a field for IBANs."""
	if not dialect.party_account:
		return {dialect.party_iban: number}
	valid = is_iban(number)
	return {dialect.party_iban: number if valid else "", dialect.party_account: "" if valid else number}


def folded(remote_id: str) -> str:
	"""What a host's database holds for the same: most care neither for case nor accents nor spaces at the end."""
	plain = unicodedata.normalize("NFKD", remote_id.casefold())
	return "".join(c for c in plain if not unicodedata.combining(c)).rstrip()


def _insert_versions(version: Mapping[str, Any], given: Mapping[str, object]) -> None:
	same = {column: value for column, value in version.items() if column not in ("name", "docname")}
	sql.insert("Version", ["name", "docname"], ((sql.new_name(), name) for name in given), same=same)
