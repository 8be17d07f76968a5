"""Records a user's changes to the category tree in the Desk, so that the next synchronisation does not revert them.

Categories that a user deleted stay as hidden tombstones. No title contains markup.
"""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _

from dokos_banksync.hosts.frappe.ledger.categories import RENAMES, title_field
from dokos_banksync.hosts.frappe.ledger.fields import named
from dokos_banksync.hosts.frappe.ledger.values import title_in
from dokos_banksync.hosts.storage.sql import CATEGORY


def conditions(_user: str = "") -> str:
	"""Return the SQL condition that excludes tombstones from every list, tree and search."""
	return f"COALESCE(`tab{CATEGORY}`.`{named(CATEGORY, 'removed')}`, 0) = 0"


def mark_edited(doc: Any, _event: str = "") -> None:
	"""Mark a category that a user changed, so that it is not changed back. Only the synchronisation itself ignores permissions."""
	doc.set(title_field(), title_in(doc.get(title_field()) or ""))
	if not doc.flags.ignore_permissions:
		doc.set(named(CATEGORY, "edited"), 1)


def refuse_markup(doc: Any, _event: str, _old: str, new: str, _merge: bool = False) -> None:  # noqa: ARG001
	"""Raise `frappe.ValidationError` for a new name that a page of the Desk could take for markup."""
	if title_in(new) != new:
		frappe.throw(_("The name of a category holds no < and no >: choose another name"))


def mark_renamed(doc: Any, _event: str, _old: str, new: str, _merge: bool = False) -> None:  # noqa: ARG001
	"""Mark a category that a user renamed, on hosts that name categories by title."""
	if not frappe.flags.get(RENAMES):
		frappe.db.set_value(CATEGORY, new, named(CATEGORY, "edited"), 1, update_modified=False)


def store_tombstone(doc: Any, _event: str = "") -> None:
	"""Record that a user deleted a provider's category, so that it is not imported again."""
	ids = {
		named(CATEGORY, field): doc.get(named(CATEGORY, field)) for field in ("provider_type", "remote_id")
	}
	if not ids[named(CATEGORY, "remote_id")]:
		return
	tombstone = frappe.new_doc(CATEGORY)
	tombstone.update({title_field(): doc.get(title_field()), named(CATEGORY, "removed"): 1, **ids})
	tombstone.parent_bank_transaction_category = doc.parent_bank_transaction_category
	tombstone.flags.ignore_permissions = True
	tombstone.flags.ignore_mandatory = True
	tombstone.insert()
