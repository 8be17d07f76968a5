"""The block of the workspace that shows the charts of the bank accounts.

Frappe stores such a block as a Custom HTML Block, a document of the site: it is created at every installation and
migration, and removed with the app. On a host without Custom HTML Block, only each Bank Account shows its charts.
"""

from __future__ import annotations

import frappe

DOCTYPE, NAME = "Custom HTML Block", "Bank account pictures"
"""The name has no translation: Dodock translates it on the server and then looks for the English one."""

_CONTENT = {
	"html": "<slot></slot>",
	"script": (
		'frappe.model.with_doctype("Sync Coverage", () => banksync.workspace_pictures(root_element.host));'
	),
	"style": ":host { display: block; }",
	"private": 0,
}
"""A block is a shadow tree, which has no styles of the Desk: the slot shows what is drawn outside of it. The list script
of Sync Coverage holds the functions: Frappe runs it as soon as the doctype is known, on every version."""


def ensure() -> None:
	"""Make the block, or bring it up to date; idempotent."""
	if not frappe.db.table_exists(DOCTYPE):
		return
	if not frappe.db.exists(DOCTYPE, NAME):
		frappe.get_doc({"doctype": DOCTYPE, "name": NAME, **_CONTENT}).insert(ignore_permissions=True)
		return
	block = frappe.get_doc(DOCTYPE, NAME)
	if any(block.get(field) != value for field, value in _CONTENT.items()):
		block.update(_CONTENT).save(ignore_permissions=True)


def remove() -> None:
	"""Delete the block, if the site has it."""
	if frappe.db.table_exists(DOCTYPE) and frappe.db.exists(DOCTYPE, NAME):
		frappe.delete_doc(DOCTYPE, NAME, ignore_permissions=True, force=True)
