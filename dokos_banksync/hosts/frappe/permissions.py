"""Who sees which connections, runs and lines, beyond what their roles allow.

Roles are in the doctypes. Here User Permissions are followed through links that Frappe does not follow by itself: a
run belongs to its connection, a line to its bank account, and a connection to its company and to every bank account
that it feeds: a fetch of it, its preview and its undo concern them all. Users without a Desk (portal users, guests)
get nothing, whatever roles they were given.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import frappe
from frappe.permissions import get_user_permissions

from dokos_banksync.core.records import BankAccountRecord

_NOTHING = "1 = 0"
_LIMITS = ("Company", "Bank", "Bank Account", "Sync Connection", "Sync Provider")
_UNIT = {
	"Sync Run": "connection",
	"Sync Line": "bank_account",
	"Sync Journal Entry": "bank_account",
	"Sync Coverage": "bank_account",
	"Sync Separate Pair": "bank_account",
	"Sync Certificate": "bank_account",
}
"""The field by which a record belongs to something that a user may or may not see."""


def connection_conditions(user: str = "") -> str:
	"""Return the SQL condition of a list of Sync Connections.

	One without a company is for those who may see every company, and its owner.
	"""
	user = user or frappe.session.user
	if not _has_desk(user):
		return _NOTHING
	table, conditions = "`tabSync Connection`", []
	companies, accounts = _companies(user), _allowed(user, "Bank Account", "Sync Remote Account")
	if companies is not None:
		conditions.append(
			f"({table}.company IN ({_quoted(companies)}) OR {table}.owner = {frappe.db.escape(user)})"
		)
	if accounts is not None:
		fed = f"SELECT 1 FROM `tabSync Remote Account` fed WHERE fed.parent = {table}.name"  # noqa: S608
		conditions.append(
			f"NOT EXISTS ({fed} AND COALESCE(fed.bank_account, '') NOT IN ('', {_quoted(accounts)}))"
		)
	return " AND ".join(conditions)


def run_conditions(user: str = "") -> str:
	"""Return the SQL condition of the runs that a user may list."""
	return _conditions(user or frappe.session.user, "Sync Run", "connection", "Sync Connection")


def line_conditions(user: str = "") -> str:
	"""Return the SQL condition of the lines that a user may list."""
	return _conditions(user or frappe.session.user, "Sync Line", "bank_account", "Bank Account")


def journal_conditions(user: str = "") -> str:
	"""Return the SQL condition of the journal entries that a user may list."""
	return _conditions(user or frappe.session.user, "Sync Journal Entry", "bank_account", "Bank Account")


def coverage_conditions(user: str = "") -> str:
	"""Return the SQL condition of the covered days that a user may list."""
	return _conditions(user or frappe.session.user, "Sync Coverage", "bank_account", "Bank Account")


def pair_conditions(user: str = "") -> str:
	"""Return the SQL condition of the separate pairs that a user may list."""
	return _conditions(user or frappe.session.user, "Sync Separate Pair", "bank_account", "Bank Account")


def certificate_conditions(user: str = "") -> str:
	"""Return the SQL condition of the certificates that a user may list."""
	return _conditions(user or frappe.session.user, "Sync Certificate", "bank_account", "Bank Account")


def account_conditions(user: str = "") -> str:
	"""Return the SQL condition of a list of rows of connections: Frappe asks for a right on some connection only."""
	return _conditions(user or frappe.session.user, "Sync Remote Account", "parent", "Sync Connection")


def _conditions(user: str, doctype: str, field: str, linked: str) -> str:
	"""Return the SQL condition for records whose `field` is among the `linked` documents that the user sees; those without one by their owner."""
	if not _has_desk(user):
		return _NOTHING
	if not _is_limited(user):
		return ""
	visible = _visible(user, linked)
	table = f"`tab{doctype}`"
	own = f"(COALESCE({table}.{field}, '') = '' AND {table}.owner = {frappe.db.escape(user)})"
	return f"({table}.{field} IN ({_quoted(visible)}) OR {own})"


def _visible(user: str, doctype: str) -> list[str]:
	if not frappe.has_permission(doctype, "read", user=user):
		return []
	found: list[str] = frappe.get_list(doctype, user=user, pluck="name", limit_page_length=0)
	return found


def has_permission(doc: Any, ptype: str = "read", user: str = "", debug: bool = False) -> bool:  # noqa: ARG001
	"""Return whether the user may access one document. It can only deny what roles allow."""
	user = user or frappe.session.user
	if not _has_desk(user):
		return False
	if not _is_limited(user) or doc.is_new():
		return True
	if doc.doctype == "Sync Connection":
		return _sees_connection(doc, user)
	field = _UNIT.get(doc.doctype)
	if not field:
		return True
	if not doc.get(field):
		return bool(doc.owner == user)
	linked = doc.meta.get_field(field).options
	return bool(frappe.has_permission(linked, "read", doc.get(field), user=user))


def sees_account_of(transaction: str) -> bool:
	"""Return whether the user sees the Bank Account of a bank transaction, with its bank and its company: Frappe checks
	the name of the account alone.
	"""
	user = frappe.session.user
	if not _is_limited(user):
		return True
	account = frappe.db.get_value("Bank Transaction", transaction, "bank_account")
	return not account or bool(frappe.has_permission("Bank Account", "read", account, user=user))


def bank_accounts_within_limits(accounts: Iterable[BankAccountRecord]) -> list[BankAccountRecord]:
	"""Return the accounts that User Permissions leave to the user, for one who has no role on Bank Account."""
	user = frappe.session.user
	names, banks, companies = (
		_allowed(user, kind, "Bank Account") for kind in ("Bank Account", "Bank", "Company")
	)
	return [
		one
		for one in accounts
		if (names is None or one.name in names)
		and (banks is None or one.bank in banks)
		and (companies is None or one.company in companies)
	]


def _sees_connection(doc: Any, user: str) -> bool:
	companies, accounts = _companies(user), _allowed(user, "Bank Account", "Sync Remote Account")
	fed = {row.bank_account for row in doc.accounts if row.bank_account}
	if accounts is not None and not fed.issubset(accounts):
		return False
	return companies is None or doc.company in companies or doc.owner == user


def _companies(user: str) -> list[str] | None:
	"""Return the companies whose connections the user sees; None for all, and where the host has no companies."""
	has_company = frappe.get_meta("Sync Connection").has_field("company")
	return _allowed(user, "Company", "Sync Connection") if has_company else None


def _has_desk(user: str) -> bool:
	return user == "Administrator" or frappe.get_cached_value("User", user, "user_type") == "System User"


def _is_limited(user: str) -> bool:
	return any(_allowed(user, doctype) is not None for doctype in _LIMITS)


def _allowed(user: str, doctype: str, read: str = "") -> list[str] | None:
	"""Return the names that User Permissions limit the user to; None where they set no limit.

	`read` is the doctype that is read: rules that apply only to another doctype are ignored. Without it all rules apply.
	"""
	if user == "Administrator":
		return None
	rules = get_user_permissions(user).get(doctype) or []
	if read:
		rules = [rule for rule in rules if rule.get("applicable_for") in (None, "", read)]
	return [rule["doc"] for rule in rules] or None


def _quoted(names: list[str]) -> str:
	return ", ".join(frappe.db.escape(name) for name in names) or "NULL"
