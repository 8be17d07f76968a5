"""The cursor feed of transactions: https://plaid.com/docs/api/products/transactions/#transactionssync

A cursor holds the place where its loop began, how far the loop is, and the item's latest change when the loop
began. A page asked for after another change has come in is refused.
"""

from __future__ import annotations

import base64
from typing import Any, NamedTuple

from dokos_banksync.sandbox.plaid.call import Call
from dokos_banksync.sandbox.plaid.errors import PlaidError, field_wrong
from dokos_banksync.sandbox.plaid.model import Item, Row
from dokos_banksync.sandbox.plaid.rows import account_json, row_json

_OPTIONS = (
	"include_original_description",
	"personal_finance_category_version",
	"days_requested",
	"account_id",
	"include_personal_finance_category",
	"include_logo_and_counterparty_beta",
)
_MAX_CURSOR = 256


class Cursor(NamedTuple):
	"""Places in an item's order of changes. `head` is 0 between two loops."""

	item_id: str
	account_id: str
	start: int
	at: int
	head: int

	def encode(self) -> str:
		"""Return the cursor as the opaque text that clients get."""
		return base64.b64encode("|".join(str(part) for part in self).encode()).decode()


def sync(call: Call) -> dict[str, Any]:
	"""Return one page of changes since a cursor."""
	item = call.item()
	count = call.body.get("count") or 100
	if not 1 <= count <= 500:
		raise field_wrong("count", "must be between 1 and 500")
	options = call.options(*_OPTIONS)
	cursor = _cursor(call, item, options.get("account_id") or "")
	call.plaid.update(item)
	item.synced = True
	if cursor.head and cursor.head != item.head:
		raise PlaidError("TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION")
	return _page(call, item, cursor=cursor, count=count, options=options)


def refresh(call: Call) -> dict[str, Any]:
	"""Ask the bank now; what is new comes through the feed."""
	item = call.item()
	if not call.plaid.settings.refresh_product:
		raise PlaidError(
			"INVALID_PRODUCT",
			"client is not authorized to access the following products: [transactions_refresh]",
		)
	if item.institution.down:
		raise PlaidError("INSTITUTION_NOT_RESPONDING")
	call.plaid.update(item)
	return {}


def _cursor(call: Call, item: Item, account_id: str) -> Cursor:
	text = call.text("cursor")
	if not text:
		return Cursor(item.id, account_id, start=0, at=0, head=0)
	if text == "now":
		return Cursor(item.id, account_id, start=item.head, at=item.head, head=0)
	if len(text) > _MAX_CURSOR:
		raise field_wrong("cursor", f"must be at most {_MAX_CURSOR} characters long")
	try:
		parts = base64.b64decode(text, validate=True).decode("ascii").split("|")
		owner, account, start, at, head = parts
		cursor = Cursor(owner, account, start=int(start), at=int(at), head=int(head))
	except (ValueError, TypeError):
		raise field_wrong("cursor", "is not valid") from None
	if owner != item.id or account != account_id:
		raise PlaidError("INVALID_FIELD", "cursor not associated with access_token")
	return cursor


def _page(call: Call, item: Item, cursor: Cursor, count: int, options: dict[str, Any]) -> dict[str, Any]:
	changed = _changes(item, cursor)
	page, more = changed[:count], len(changed) > count
	after = (
		Cursor(item.id, cursor.account_id, start=cursor.start, at=page[-1].changed, head=item.head)
		if more
		else None
	)
	done = Cursor(item.id, cursor.account_id, start=item.head, at=item.head, head=0)
	version = options.get("personal_finance_category_version") or call.plaid.settings.taxonomy
	original = bool(options.get("include_original_description"))
	shown = {
		"added": [row for row in page if not row.removed and row.added > cursor.start],
		"modified": [row for row in page if not row.removed and row.added <= cursor.start],
	}
	touched = {row.account.id: row.account for row in page}
	written = {
		name: [row_json(item, row, version, original=original) for row in rows]
		for name, rows in shown.items()
	}
	return {
		**written,
		"removed": [{"transaction_id": row.id, "account_id": row.account.id} for row in page if row.removed],
		"accounts": [
			account_json(item, one, call.plaid.world.clock) for one in touched.values() if one.visible
		],
		"next_cursor": "" if item.stage == "NOT_READY" else (after or done).encode(),
		"has_more": more,
		"transactions_update_status": item.stage,
	}


def _changes(item: Item, cursor: Cursor) -> list[Row]:
	"""Return rows changed since the cursor, oldest change first; one that came and went since is left out."""
	rows = (
		row
		for row in item.rows.values()
		if row.changed > cursor.at
		and not (row.removed and row.added > cursor.start)
		and cursor.account_id in ("", row.account.id)
	)
	return sorted(rows, key=lambda row: row.changed)
