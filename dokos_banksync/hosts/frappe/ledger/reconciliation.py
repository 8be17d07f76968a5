"""What a bank transaction is reconciled with, in the host's own tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import frappe

from dokos_banksync.hosts.frappe.ledger import sql
from dokos_banksync.hosts.frappe.ledger.fields import has
from dokos_banksync.hosts.storage.sql import TRANSACTION

Documents = list[tuple[str, str]]
"""Doctype and name of each."""


def reconciled_by(names: Iterable[str]) -> Mapping[str, Documents]:
	"""Return the payments, invoices and entries that bank transactions are settled with, by bank transaction."""
	found: dict[str, Documents] = {}
	asked = sorted(set(names))
	for field in frappe.get_meta(TRANSACTION).get_table_fields():
		if not (has(field.options, "payment_document") and has(field.options, "payment_entry")):
			continue
		for part in sql.parts(asked):
			rows = sql.rows(
				f"SELECT parent, payment_document, payment_entry FROM {sql.table(field.options)} "
				f"WHERE parenttype = %s AND parent IN ({sql.placeholders(part)}) ORDER BY parent, idx",
				[TRANSACTION, *part],
			)
			for row in rows:
				document = (row["payment_document"] or "", row["payment_entry"] or "")
				found.setdefault(row["parent"], []).append(document)
	return found
