"""Run an action for a user who has the right that it needs.

Who may read a document may ask where it comes from. Who may read a connection may have it fetched. Decisions (import,
answer, undo, certify) need write permission on bank transactions or on connections; to delete or merge a bank
transaction, the rights to cancel and to delete it. Each action then considers only the documents that the user may see.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import frappe
from frappe.model.docstatus import DocStatus

from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.registry import METHODS
from dokos_banksync.core.errors import SyncError
from dokos_banksync.hosts.frappe.context import FrappeContext
from dokos_banksync.hosts.frappe.current_job import current
from dokos_banksync.hosts.frappe.http_errors import must, refuse
from dokos_banksync.hosts.frappe.review_jobs import deferrable

ACCOUNT, CATEGORY, CERTIFICATE = "Bank Account", "Bank Transaction Category", "Sync Certificate"
CONNECTION, LINE, PROVIDER, RUN = "Sync Connection", "Sync Line", "Sync Provider", "Sync Run"
TRANSACTION = "Bank Transaction"


Permitted: TypeAlias = Callable[[FrappeContext, Arguments], object]
"""A registered action, or one with a check of this host before it."""


def action(name: str) -> Permitted:
	"""Return the registered action, by `<module>.<name>`. What may go through many rows begins a job then."""
	return deferrable(name, METHODS[f"dokos_banksync.api.{name}"])


def answer(name: str, right: str, doctype: str = CONNECTION, /, **given: str) -> object:
	"""Return what the action answers to a user who has the right on the doctype."""
	return perform(action(name), right, doctype, **given)


def decide(name: str, /, **given: str) -> object:
	"""Run an action as `answer` does, for one that makes or removes bank transactions in the user's name."""

	def decided(context: FrappeContext, arguments: Arguments) -> object:
		"""Check the right to change bank transactions or connections, then run the action."""
		if not frappe.has_permission(TRANSACTION, "write"):
			must(CONNECTION, "write")
		return action(name)(context, arguments)

	return perform(decided, "read", CONNECTION, **given)


def remove(name: str, field: str, /, **given: str) -> object:
	"""Run an action as `decide` does, for one that deletes the bank transaction named in the field: the user must have the right
	to cancel and to delete it."""

	def removed(context: FrappeContext, arguments: Arguments) -> object:
		"""Check the rights to cancel and delete the bank transaction, then run the action."""
		transaction = arguments.text(field)
		context.see(TRANSACTION, transaction)
		if frappe.db.get_value(TRANSACTION, transaction, "docstatus") == DocStatus.submitted():
			must(TRANSACTION, "cancel", transaction)
		must(TRANSACTION, "delete", transaction)
		return action(name)(context, arguments)

	return perform(removed, "read", CONNECTION, **given)


def perform(method: Permitted, right: str, doctype: str = CONNECTION, /, **given: str) -> object:
	"""Call the method for a user who has the right on the doctype; raise its errors as Frappe's own kind."""
	frappe.local.flags.disable_traceback = True  # what goes wrong is in the log
	must(doctype, right)
	context = FrappeContext(right)
	try:
		return method(context, Arguments(given))
	except SyncError as error:
		if current():
			raise  # a job tells it later
		refused = error
	refuse(refused, context.translations)
