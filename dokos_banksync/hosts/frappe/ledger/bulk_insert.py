"""Inserts bank transactions for lines: in bulk if the result equals the host's documents, else one by one.

The first ones of a bank account are inserted as documents: at least one of money in, one of money out, and two amounts.
The result is read back: defaults, fetched values, values set on submission, versions. The others are inserted in bulk
only if every column of these documents has either the line's value or the same value in all of them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import frappe
from frappe import _
from frappe.model.meta import get_field_precision

from dokos_banksync.core.iban import is_iban
from dokos_banksync.core.model import Decision
from dokos_banksync.core.review.journal import Key
from dokos_banksync.hosts.frappe.ledger import naming_series, sql
from dokos_banksync.hosts.frappe.ledger.base import HOST_REJECTIONS, rejection_text
from dokos_banksync.hosts.frappe.ledger.customisations import attached
from dokos_banksync.hosts.frappe.ledger.values import clip, money_in
from dokos_banksync.hosts.storage.bulk_samples import samples
from dokos_banksync.hosts.storage.database import Written
from dokos_banksync.hosts.storage.fields import HostFields
from dokos_banksync.hosts.storage.lines import origin
from dokos_banksync.hosts.storage.sql import TRANSACTION

_FEW = 3
"""So few cost less as documents."""
_UNKNOWN = "unknown"
"""The word of some providers for an operation that they cannot classify: no kind to show to a user."""


@dataclass(frozen=True)
class BulkTemplate:
	"""What the host made of documents: the row and the versions of the first, the series of its name, and the amounts
	of all that were compared."""

	row: Mapping[str, Any]
	versions: Sequence[Mapping[str, Any]]
	series: tuple[str, int]
	amounts: Sequence[Decimal]


class Writer:
	"""Writes bank transactions. Serves one run: its templates hold while the site is not changed."""

	def __init__(self, fields: HostFields) -> None:
		self._fields = fields
		self._templates: dict[str, BulkTemplate | None] = {}
		self._precisions: dict[str, int] = {}
		self._modes: dict[str, str] = {}

	def write(self, made: Sequence[Decision], categories: Mapping[str, Mapping[str, str]]) -> Written:
		"""Insert the documents, except those that the host refuses. `categories` by source and remote id."""
		written = Written()
		documents = self._documents(made, categories)
		for bank_account in sorted({one.bank_account for one in made}):
			mine = {key: given for key, given in documents.items() if given["bank_account"] == bank_account}
			self._write(bank_account, mine, written)
		return written

	def _write(self, bank_account: str, documents: dict[Key, dict[str, Any]], written: Written) -> None:
		plain = {key: given for key, given in documents.items() if self._is_plain(given)}
		if len(plain) <= _FEW:
			return self._one_by_one(documents, written)
		for key in self._samples(bank_account, plain):
			self._learn(bank_account, key, plain.pop(key), written)
			documents.pop(key)
		template = self._templates[bank_account]
		if template is None or not plain:  # a small batch can be all samples
			return self._one_by_one(documents, written)
		rejected_value = sql.driver_errors().rejected_value
		try:
			with sql.undone_on_error():
				self._insert_many(template, plain, written)
		except rejected_value as error:
			frappe.logger("banksync").warning("bulk insert gave way to documents: %s", type(error).__name__)
			plain = {}
		return self._one_by_one({key: documents[key] for key in documents if key not in plain}, written)

	def _is_plain(self, given: Mapping[str, Any]) -> bool:
		"""Nothing in it that the host would change: text that looks like a page is cleaned, an amount is rounded
		as its currency is, and a bank transaction of nothing counts as reconciled.
		"""
		texts = [value for value in given.values() if isinstance(value, str)]
		if "<" in "".join(texts) or texts != [*map(str.strip, texts)]:
			return False
		amount = self._amount(given)
		return bool(amount) and amount == round(amount, self._decimals(given["currency"]))

	def _amount(self, given: Mapping[str, Any]) -> Decimal:
		amount: Decimal = given[self._fields.inflow] - given[self._fields.outflow]
		return amount

	def _decimals(self, currency: str) -> int:
		if currency not in self._precisions:
			field = frappe.get_meta(TRANSACTION).get_field("unallocated_amount")
			self._precisions[currency] = int(get_field_precision(field, currency=currency) or 2)
		return self._precisions[currency]

	# -- in bulk ----------------------------------------------------------------------------------------
	def _samples(self, bank_account: str, plain: Mapping[Key, Mapping[str, Any]]) -> list[Key]:
		"""Return the sample documents; none where each row of the bank account has to be inserted as a document."""
		template = self._templates.get(bank_account)
		if bank_account in self._templates and template is None:
			return []
		known = template.amounts if template else ()
		return samples(known, {key: self._amount(given) for key, given in plain.items()})

	def _learn(self, bank_account: str, key: Key, given: dict[str, Any], written: Written) -> None:
		"""Make one document and compare what the host made of it. The template becomes None where each row of
		the bank account has to be inserted as a document, or the host refuses this one.
		"""
		self._one_by_one({key: given}, written)
		name, template = written.names.get(key), self._templates.get(bank_account)
		untaught = bank_account not in self._templates
		if name is None or attached() or not (untaught or template):
			self._templates[bank_account] = None
			return
		[row] = sql.rows(f"SELECT * FROM {sql.table(TRANSACTION)} WHERE name = %s", (name,))
		version_query = "SELECT * FROM `tabVersion` WHERE ref_doctype = %s AND docname = %s"
		made = self._made(row, sql.rows(version_query, (TRANSACTION, name)), template, self._amount(given))
		unexplained = list(_unexplained(made, template, given)) if made else []
		if unexplained:
			message = "bulk insert is off for %s: the host set %s of %s itself"
			frappe.logger("banksync").warning(message, bank_account, ", ".join(unexplained), name)
		self._templates[bank_account] = None if unexplained else made

	@staticmethod
	def _made(
		row: Mapping[str, Any],
		versions: Sequence[Mapping[str, Any]],
		template: BulkTemplate | None,
		amount: Decimal,
	) -> BulkTemplate | None:
		"""Return the template with one more document; None where its name follows no series."""
		series = naming_series.pattern(frappe._dict(row))
		known = template.amounts if template else ()
		return BulkTemplate(row, versions, series, (*known, amount)) if series else None

	def _insert_many(
		self, template: BulkTemplate, documents: Mapping[Key, dict[str, Any]], written: Written
	) -> None:
		prefix, digits = template.series
		names = naming_series.series(prefix, digits, len(documents))
		given = dict(zip(names, documents.values(), strict=True))
		now, user = frappe.utils.now(), frappe.session.user
		stamps = {"creation": now, "modified": now, "owner": user, "modified_by": user}
		common = {**template.row, **stamps}
		if "_submitted" in common:  # Dodock's
			common.update(_submitted=now, _submitted_by=user)
		own = list(next(iter(given.values())))
		same = {column: value for column, value in common.items() if column not in (*own, "name")}
		sql.insert(
			TRANSACTION, ["name", *own], ((name, *one.values()) for name, one in given.items()), same=same
		)
		for version in template.versions:
			_insert_versions({**version, **stamps}, given)
		written.names.update(zip(documents, given, strict=True))

	# -- one by one -------------------------------------------------------------------------------------
	def _one_by_one(self, documents: Mapping[Key, dict[str, Any]], written: Written) -> None:
		for key, given in documents.items():
			try:
				with sql.undone_on_error():
					written.names[key] = self._submit(given)
			except HOST_REJECTIONS as error:
				if isinstance(error, frappe.UniqueValidationError) and self._fields.origin in str(error):
					raise
				written.refused[key] = rejection_text(error)

	def _submit(self, given: Mapping[str, Any]) -> str:
		doc = frappe.get_doc({"doctype": TRANSACTION, **given})
		doc.flags.ignore_permissions = True
		doc.insert()
		if self._fields.submittable:
			doc.submit()
		for column in self._fields.money_columns:
			if round(Decimal(str(doc.get(column) or 0)) - given[column], 2):
				frappe.throw(_("This site made another amount of it: nothing was kept"))
		return str(doc.name)

	def _mode_of_payment(self, kind: str) -> str:
		"""Return the Mode of Payment of this name, or nothing: the host would refuse a voucher with another one."""
		if kind and kind not in self._modes:
			known = frappe.db.exists("DocType", "Mode of Payment")
			self._modes[kind] = (known and frappe.db.get_value("Mode of Payment", kind, "name")) or ""
		return self._modes.get(kind, "")

	# -- the values of a line ------------------------------------------------------------------------------
	def _documents(
		self, made: Sequence[Decision], categories: Mapping[str, Mapping[str, str]]
	) -> dict[Key, dict[str, Any]]:
		"""Return the fields of each document, money in positive in one field and money out in another."""
		taken = self.taken(made)
		documents = {}
		for one in made:
			documents[one.source, one.line.remote_id] = given = self._values(
				one, categories.get(one.source, {})
			)
			key = (one.bank_account, folded(given[self._fields.remote_id]))
			if key in taken:
				given[self._fields.remote_id] = None
			if self._fields.unique_remote_id:
				taken.add(key)
		return documents

	def taken(self, made: Sequence[Decision]) -> set[tuple[str, str]]:
		"""Return the provider's ids that the host would refuse, by bank account: only the first one can have an id.

		See `folded`.
		"""
		if not self._fields.unique_remote_id:
			return set()
		column = self._fields.remote_id
		found: set[str] = set()
		for ids in sql.parts([clip(one.line.remote_id) for one in made]):
			found.update(
				folded(row["id"])
				for row in sql.rows(
					f"SELECT `{column}` id FROM {sql.table(TRANSACTION)} WHERE `{column}` IN ({sql.placeholders(ids)})",
					ids,
				)
			)
		accounts = {one.bank_account for one in made}
		return {(account, remote_id) for account in accounts for remote_id in found}

	def _values(self, made: Decision, categories: Mapping[str, str]) -> dict[str, Any]:
		line, fields = made.line, self._fields
		amount = money_in(line.amount)
		texts = {
			fields.remote_id: line.remote_id,
			fields.reference: line.reference,
			fields.kind: "" if line.kind == _UNKNOWN else line.kind,
			fields.mode: self._mode_of_payment(line.kind) if fields.mode else "",
			fields.party_name: line.party_name,
			**party_account(fields, line.party_iban),
		}
		return {
			"date": line.date,
			"bank_account": made.bank_account,
			**fields.money_values(amount),
			"unallocated_amount": amount if fields.signed_unallocated else abs(amount),
			"currency": line.currency,
			"description": line.description,
			fields.category: categories.get(line.category),
			fields.origin: origin(made.source, line.remote_id),
			**{column: clip(value) for column, value in texts.items() if column},
		}


_OF_ONE = frozenset({"name", "creation", "modified", "_submitted"})
"""Columns that are of each document alone."""


def _unexplained(
	made: BulkTemplate, template: BulkTemplate | None, given: Mapping[str, Any]
) -> Iterator[str]:
	"""Yield the columns of a document that are neither what was given nor the same in the document before it."""
	for column, value in made.row.items():
		if column in given:
			explained = _plain_value(value) == _plain_value(given[column])
		else:
			explained = template is None or column in _OF_ONE or value == template.row.get(column)
		if not explained:
			yield column
	before = made.versions if template is None else template.versions
	if [one["data"] for one in before] != [one["data"] for one in made.versions]:
		yield "versions"


def _plain_value(value: object) -> object:
	"""Return the value so that a driver's and ours are equal: drivers give numbers as floats, and nothing as None."""
	if isinstance(value, (int, float, Decimal)):
		return round(Decimal(str(value)), 4)
	return "" if value is None else str(value)


def party_account(fields: HostFields, number: str) -> dict[str, str]:
	"""Return the counter-party's account by column: hosts refuse to save what is not an IBAN in a field for IBANs."""
	if not fields.party_account:
		return {fields.party_iban: number}
	valid = is_iban(number)
	return {fields.party_iban: number if valid else "", fields.party_account: "" if valid else number}


def folded(remote_id: str) -> str:
	"""Fold a text as most databases compare it: without case, accents and trailing spaces."""
	plain = unicodedata.normalize("NFKD", remote_id.casefold())
	return "".join(c for c in plain if not unicodedata.combining(c)).rstrip()


def _insert_versions(version: Mapping[str, Any], given: Mapping[str, object]) -> None:
	same = {column: value for column, value in version.items() if column not in ("name", "docname")}
	sql.insert("Version", ["name", "docname"], ((sql.new_name(), name) for name in given), same=same)
