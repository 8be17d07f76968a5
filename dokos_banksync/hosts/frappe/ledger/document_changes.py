"""What changes on bank transactions that are there already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import frappe
from frappe.utils.html_utils import sanitize_html

from dokos_banksync.core.model import Decision
from dokos_banksync.hosts.frappe.ledger import sql
from dokos_banksync.hosts.frappe.ledger.base import HOST_REJECTIONS, rejection_text
from dokos_banksync.hosts.frappe.ledger.bulk_insert import Writer, folded, party_account
from dokos_banksync.hosts.frappe.ledger.customisations import attached
from dokos_banksync.hosts.frappe.ledger.values import clip, money_in
from dokos_banksync.hosts.storage.fields import HostFields
from dokos_banksync.hosts.storage.sql import TRANSACTION

Categories = Mapping[str, Mapping[str, str]]


class Changes:
	"""Straight in the tables, as a submitted document's date and amount cannot be changed in any other way;
	through the document where a customisation of this site has to process it.
	"""

	def __init__(self, fields: HostFields) -> None:
		self._fields = fields

	def fill(self, made: Sequence[Decision], categories: Categories, writer: Writer) -> None:
		"""Fill the empty fields of a linked bank transaction, and change no others."""
		fields = self._fields
		taken = {remote_id for _account, remote_id in writer.taken(made)} if made else set()
		gained: dict[str, dict[str, object]] = {}
		for one in made:
			line, name = one.line, one.transaction
			known = categories.get(one.source, {}).get(line.category)
			_set_column(gained, fields.category, name, known)
			remote_id = clip(line.remote_id)
			_set_column(gained, fields.remote_id, name, "" if folded(remote_id) in taken else remote_id)
			_set_column(gained, fields.party_name, name, clip(line.party_name))
			for column, number in party_account(fields, line.party_iban).items():
				_set_column(gained, column, name, clip(number))
			taken.add(folded(remote_id) if fields.unique_remote_id else "")
		for column, values in gained.items():
			sql.change(TRANSACTION, column, values, only_if_empty=True)

	def make(self, made: Sequence[Decision], categories: Categories) -> Mapping[str, str]:
		"""See `put`."""
		changed: dict[str, dict[str, Any]] = {}
		for one in made:
			for column, value in self._columns(one, categories).items():
				changed.setdefault(column, {})[one.transaction] = value
		return self.put(changed)

	def put(self, changed: Mapping[str, Mapping[str, Any]]) -> Mapping[str, str]:
		"""Write values by column and name. Return the bank transactions that the host would not have changed, and why."""
		if not changed:
			return {}
		if attached():
			return _save_documents(changed)
		for column, values in changed.items():
			sql.change(TRANSACTION, column, values)
		self._complete_amounts(
			sorted({name for column in self._fields.money_columns for name in changed.get(column, {})})
		)
		stamped = {name: frappe.utils.now() for values in changed.values() for name in values}
		sql.change(TRANSACTION, "modified", stamped)
		return {}

	def _columns(self, made: Decision, categories: Categories) -> dict[str, object]:
		found: dict[str, object] = {}
		for name, value in made.changes.items():
			if name == "category":
				found[self._fields.category] = categories.get(made.source, {}).get(str(value))
			elif isinstance(value, Decimal):
				found.update(self._fields.money_values(money_in(value)))
			else:
				found[name] = _clean(value)
		return found

	def _complete_amounts(self, names: list[str]) -> None:
		amount = self._fields.amount.replace("t.`", "`")
		open_part = amount if self._fields.signed_unallocated else f"ABS({amount})"
		for part in sql.parts(names):
			sql.run(
				f"UPDATE {sql.table(TRANSACTION)} SET unallocated_amount = {open_part} - "
				f"COALESCE(allocated_amount, 0) WHERE name IN ({sql.placeholders(part)})",
				part,
			)


def _set_column(gained: dict[str, dict[str, object]], column: str, name: str, value: object) -> None:
	if column and value:
		gained.setdefault(column, {})[name] = _clean(value)


def _clean(value: object) -> object:
	"""As a document is when it is saved."""
	return sanitize_html(value) if isinstance(value, str) and "<" in value else value


def _save_documents(changed: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
	refused = {}
	for name in sorted({name for values in changed.values() for name in values}):
		doc = frappe.get_doc(TRANSACTION, name)
		doc.update({column: values[name] for column, values in changed.items() if name in values})
		doc.flags.ignore_permissions = True
		doc.flags.ignore_validate_update_after_submit = True
		try:
			with sql.undone_on_error():
				doc.save()
		except HOST_REJECTIONS as error:
			refused[name] = rejection_text(error)
	return refused
