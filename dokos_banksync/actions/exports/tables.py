"""CSV (RFC 4180, UTF-8) and JSON lines. The titles are those that `banksync import` knows."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence

from dokos_banksync.actions.exports.model import Contents, Row

TITLES = (
	*("date", "description", "amount", "currency", "counterparty name", "counterparty iban"),
	*("reference", "type", "transaction id", "category", "account name", "account iban"),
)
_CATEGORY_TITLES = ("name", "category_name", "parent_bank_transaction_category", "path")


def csv_table(contents: Contents) -> str:
	"""Return the transactions as CSV: days as 2026-11-20, amounts as -12.50."""
	return _csv(TITLES, (_cells(contents, row) for row in contents.rows))


def _cells(contents: Contents, row: Row) -> Sequence[str]:
	return (
		*(row.date.isoformat(), row.description, f"{row.amount:f}", row.currency),
		*(row.party_name, row.party_iban, row.reference, row.kind, row.transaction_id or row.name),
		*(row.category, row.bank_account, contents.accounts[row.bank_account].iban),
	)


def jsonl(contents: Contents) -> str:
	"""Return the transactions as JSON lines, with the field names of the doctype."""
	return _lines(
		{
			"name": row.name,
			"date": row.date.isoformat(),
			"amount": f"{row.amount:f}",
			"currency": row.currency,
			"description": row.description,
			"bank_account": row.bank_account,
			"category": row.category,
			"category_path": list(contents.paths.get(row.category, ())),
			"transaction_id": row.transaction_id,
			"reference_number": row.reference,
			"transaction_type": row.kind,
			"bank_party_name": row.party_name,
			"bank_party_iban": row.party_iban,
		}
		for row in contents.rows
	)


def categories_csv(contents: Contents) -> str:
	"""Return the categories as CSV, each with the titles above it."""
	return _csv(_CATEGORY_TITLES, (list(map(str, one.values())) for one in _categories(contents)))


def categories_jsonl(contents: Contents) -> str:
	"""Return the categories as JSON lines."""
	return _lines(_categories(contents))


def _categories(contents: Contents) -> Iterable[dict[str, str]]:
	for one in contents.categories:
		path = " / ".join(contents.paths[one.category_name])
		yield dict(zip(_CATEGORY_TITLES, (one.name, one.category_name, one.parent or "", path), strict=True))


def _csv(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
	out = io.StringIO()
	writer = csv.writer(out, lineterminator="\r\n")
	writer.writerow(titles)
	writer.writerows(rows)
	return out.getvalue()


def _lines(records: Iterable[object]) -> str:
	return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
