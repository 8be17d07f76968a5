"""Dokos's accounting journals: where they are mandatory, no payment of a bank can be booked without one."""

from __future__ import annotations

from itertools import count

import frappe

_JOURNAL = "Accounting Journal"


def ensure(account: str, company: str) -> None:
	"""Create the journal of a bank's account in the chart, where the host has journals and this account has none.

	Dokos looks up the journal of a payment by the account that it is paid to or from.
	"""
	if not frappe.db.exists("DocType", _JOURNAL) or frappe.db.exists(
		_JOURNAL, {"account": account, "disabled": 0}
	):
		return
	doc = frappe.get_doc(
		{
			"doctype": _JOURNAL,
			"journal_code": _free_code(),
			"journal_name": frappe.db.get_value("Account", account, "account_name"),
			"type": "Bank",
			"company": company,
			"account": account,
			"conditions": [{"document_type": "Payment Entry"}],
		}
	)
	doc.insert(ignore_permissions=True)


def _free_code() -> str:
	"""Codes are names, unique on the whole site, and short: French audit files hold them in each row."""
	return next(
		code for code in (f"BQ{number}" for number in count(1)) if not frappe.db.exists(_JOURNAL, code)
	)
