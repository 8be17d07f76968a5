"""What every part of the ledger has."""

from __future__ import annotations

from typing import Any

import frappe

from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.core.provider import Clock
from dokos_banksync.hosts.frappe.ledger import sql

REFUSALS = (frappe.ValidationError, frappe.DoesNotExistError, frappe.PermissionError)
"""What a host raises for a document that it does not take."""


class Base:
	"""A site's database, as the current process is connected to it.

	Who may do what is decided before: a ledger serves the scheduler as well as people.
	"""

	clock: Clock
	language: str

	def must_exist(self, doctype: str, name: str, sentence: str) -> None:
		if not frappe.db.exists(doctype, name):
			raise NotFound(sentence, name)

	def insert(self, given: dict[str, Any]) -> Any:
		"""A new document, through everything the host does for one. Its refusal is `InvalidData`."""
		doc = frappe.get_doc(given)
		doc.flags.ignore_permissions = True
		try:
			with sql.undone_on_error():
				doc.insert()
		except (frappe.ValidationError, frappe.DuplicateEntryError, frappe.NameError) as error:
			raise InvalidData("{0} was refused: {1}", given["doctype"], refusal(error)) from error
		sql.commit()
		return doc


def refusal(error: Exception) -> str:
	"""Why the host refused, in its own words, which are then not shown a second time."""
	told = frappe.utils.strip_html(str(error)) or type(error).__name__
	frappe.clear_messages()
	return told
