"""What every part of the ledger that touches the host's documents has."""

from __future__ import annotations

from typing import Any

import frappe

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.hosts.frappe.ledger import sql

HOST_REJECTIONS = (frappe.ValidationError, frappe.DoesNotExistError, frappe.PermissionError)
"""What a host raises for a document that it does not take."""


def insert(given: dict[str, Any]) -> str:
	"""Insert a document with everything the host does for one, commit, and return its name.

	Raises `InvalidData` where the host refuses it.
	"""
	doc = frappe.get_doc(given)
	doc.flags.ignore_permissions = True
	try:
		with sql.undone_on_error():
			doc.insert()
	except (frappe.ValidationError, frappe.DuplicateEntryError, frappe.NameError) as error:
		raise InvalidData("{0} was refused: {1}", given["doctype"], rejection_text(error)) from error
	sql.commit()
	return str(doc.name)


def rejection_text(error: Exception) -> str:
	"""Return why the host refused, in its own words, which are then not shown a second time."""
	words = frappe.utils.strip_html(str(error)) or type(error).__name__
	frappe.clear_messages()
	return str(words)
