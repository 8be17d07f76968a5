"""The host's chart of accounts, where it has one: which account stands behind a Bank Account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, count
from typing import Any

import frappe

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.hosts.frappe.ledger import accounting_journal, sql
from dokos_banksync.hosts.frappe.ledger.base import rejection_text
from dokos_banksync.hosts.frappe.ledger.fields import has, named
from dokos_banksync.hosts.storage.sql import ACCOUNT


def currencies(bank_accounts: Sequence[Any]) -> Mapping[str, str]:
	"""Return the currency by Bank Account: its own, its account's in the chart, else its company's."""
	own = named(ACCOUNT, "currency")
	if not has(ACCOUNT, "account"):
		return {row["name"]: row[own] or "" for row in bank_accounts}
	return {
		row["name"]: _cached("Account", row["account"], "account_currency")
		or row.get(own)
		or _cached("Company", row["company"], "default_currency")
		for row in bank_accounts
	}


def _cached(doctype: str, name: str | None, column: str) -> str:
	return str(frappe.get_cached_value(doctype, name, column) or "") if name else ""


def candidates(company: str, currency: str) -> list[str]:
	"""Return the accounts of the chart to which a new Bank Account may be linked: of type Bank, in its currency, not used yet."""
	if not has(ACCOUNT, "account") or not company:
		return []
	found = sql.rows(
		"""
		SELECT a.name FROM `tabAccount` a LEFT JOIN `tabBank Account` b ON b.account = a.name
		WHERE a.company = %s AND a.account_type = 'Bank' AND a.is_group = 0 AND a.account_currency = %s
			AND a.disabled = 0 AND b.name IS NULL ORDER BY a.name
		""",
		(company, currency),
	)
	return [row["name"] for row in found]


def place(name: str, currency: str, company: str, account: str) -> dict[str, Any]:
	"""Return the fields of a new Bank Account that stands in the chart; its account is made where none is given.

	Raises `InvalidData` for an account of another currency or company.
	"""
	company = company or default_company()
	if not company:
		raise InvalidData("The site has no company yet: create it first")
	given = account or _make_account(name, currency, company)
	found = frappe.db.get_value("Account", given, ["account_currency", "company", "is_group"], as_dict=True)
	if not found or found.company != company or found.is_group:
		raise InvalidData("{0} is not an account of {1}: choose one of its chart", given, company)
	if found.account_currency != currency:
		raise InvalidData("{0} is in {1}: choose an account in {2}", given, found.account_currency, currency)
	accounting_journal.ensure(given, company)
	return {"is_company_account": 1, "company": company, "account": given}


def default_company() -> str:
	"""Return the user's default company, else the site's, else the only one."""
	default = frappe.defaults.get_user_default("Company") or frappe.defaults.get_global_default("company")
	if default:
		return str(default)
	every = frappe.get_all("Company", pluck="name", limit=2)
	return every[0] if len(every) == 1 else ""


def _make_account(name: str, currency: str, company: str) -> str:
	doc = frappe.get_doc(
		{
			"doctype": "Account",
			"account_name": _free_name(name, company),
			"parent_account": _group(company),
			"company": company,
			"account_type": "Bank",
			"account_currency": currency,
			"is_group": 0,
		}
	)
	doc.flags.ignore_permissions = True
	try:
		with sql.undone_on_error():
			doc.insert()
	except (frappe.ValidationError, frappe.DuplicateEntryError) as error:
		raise InvalidData(
			"The account of {0} could not be created: {1}", name, rejection_text(error)
		) from error
	return str(doc.name)


def _free_name(name: str, company: str) -> str:
	"""Every bank has a current account."""
	taken = set(frappe.get_all("Account", filters={"company": company}, pluck="account_name"))
	numbered = (f"{name} {number}" for number in count(2))
	return next(free for free in chain([name], numbered) if free not in taken)


def _group(company: str) -> str:
	"""Return the chart's group for banks: the group of that type, else the group of a bank's account."""
	group = frappe.db.get_value("Account", {"company": company, "account_type": "Bank", "is_group": 1})
	group = group or frappe.db.get_value(
		"Account", {"company": company, "account_type": "Bank", "is_group": 0}, "parent_account"
	)
	if not group:
		raise InvalidData("The chart of {0} has no group for banks: choose an account", company)
	return str(group)
