"""The bank's balances as Bank Account Balance documents, on hosts that have them.

The host's banking page takes the closing balance of a statement from there, and shows zero where there is none. One
document for each day: what the bank's file states for the end of that day, else what the bank said in a run of that
day. A document that a user entered or changed is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import frappe
from frappe.utils import getdate

from dokos_banksync.core.records import BalanceCheck
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.frappe.ledger import sql
from dokos_banksync.hosts.frappe.ledger.base import HOST_REJECTIONS, rejection_text
from dokos_banksync.hosts.frappe.ledger.fields import exists, has
from dokos_banksync.hosts.frappe.ledger.values import amount_out, stamp
from dokos_banksync.hosts.storage.runs import Runs

BALANCE = "Bank Account Balance"
WRITTEN = "banksync_written"
"""The balance as we wrote it: while it is still that, no user has changed it."""
_CORRECTED = timedelta(days=60)
"""So far back a balance of the middle of a day is replaced by that of its end."""


def follow_run(ledger: Runs, checks: Sequence[BalanceCheck]) -> None:
	"""Write the balances of a run that has ended, and correct those of the days before."""
	for bank_account in sorted({check.bank_account for check in checks}) if _is_here() else ():
		days = {check.day or getdate(stamp(ledger.clock())) for check in checks}
		with ledger.db.write(lock=False):
			_write(bank_account, _balances(ledger, bank_account, ledger.clock() - _CORRECTED), days)


def follow_undo(ledger: Runs, run: str) -> None:
	"""Write or remove the balances of a run that was undone, or done again."""
	record = ledger.run(run)
	while record.trigger is Trigger.UNDO:
		record = ledger.run(record.subject)
	for bank_account in sorted({check.bank_account for check in record.checks}) if _is_here() else ():
		days = {check.day or getdate(stamp(record.started_at)) for check in record.checks}
		with ledger.db.write(lock=False):
			balances = _balances(ledger, bank_account, None)
			_write(bank_account, balances, days)
			_remove(bank_account, days - balances.keys())


def _is_here() -> bool:
	return exists(BALANCE) and has(BALANCE, WRITTEN)


def _balances(ledger: Runs, bank_account: str, since: datetime | None) -> dict[date, Decimal]:
	"""Return the bank's balance by day, by the checks made since an instant."""
	stated: dict[date, Decimal] = {}
	checks: dict[date, BalanceCheck] = {}
	for _run, at, check in ledger.checks_of(bank_account, since):
		if check.day:
			stated[check.day] = check.bank_balance
		else:
			checks[getdate(stamp(at))] = check
	return {**_of_ends_of_days(ledger, bank_account, checks), **stated}


def _of_ends_of_days(
	ledger: Runs, bank_account: str, checks: Mapping[date, BalanceCheck]
) -> dict[date, Decimal]:
	"""Return the balances at the end of each day. Of a day's middle they lack what was booked later that day: where the
	latest balance agrees with the books, the movements since are taken off it instead.
	"""
	found = {day: check.bank_balance for day, check in checks.items()}
	if not checks or not checks[max(checks)].complete:
		return found
	latest = max(checks)
	movements = _movements(ledger, bank_account, min(checks))
	for day in checks.keys() - {latest}:
		later = (amount for booked, amount in movements.items() if booked > day)
		found[day] = checks[latest].bank_balance - sum(later, Decimal())
	return found


def _movements(ledger: Runs, bank_account: str, after: date) -> dict[date, Decimal]:
	rows = sql.rows(
		f"""
		SELECT t.`date` day, CAST(SUM({ledger.fields.amount}) AS CHAR(40)) total FROM `tabBank Transaction` t
		WHERE t.bank_account = %s AND {ledger.fields.live} AND t.`date` > %s GROUP BY t.`date`
		""",
		(bank_account, after),
	)
	return {getdate(row["day"]): amount_out(row["total"]) for row in rows}


def _write(bank_account: str, balances: Mapping[date, Decimal], days: set[date]) -> None:
	"""Correct the documents of ours, and make those of the given days."""
	there = _documents(bank_account, min(balances, default=date.max))
	for day, balance in sorted(balances.items()):
		documents = there.get(day, [])
		if documents and all(map(_is_ours, documents)):
			if amount_out(documents[0].balance) != balance:
				_save(frappe.get_doc(BALANCE, documents[0].name), balance)
		elif not documents and day in days:
			_save(frappe.get_doc({"doctype": BALANCE, "bank_account": bank_account, "date": day}), balance)


def _remove(bank_account: str, days: set[date]) -> None:
	there = _documents(bank_account, min(days, default=date.max))
	for document in (one for day in sorted(days) for one in there.get(day, [])):
		if _is_ours(document):
			frappe.delete_doc(BALANCE, document.name, ignore_permissions=True, delete_permanently=True)


def _documents(bank_account: str, since: date) -> dict[date, list[Any]]:
	found: dict[date, list[Any]] = {}
	filters = {"bank_account": bank_account, "date": (">=", since)}
	for row in frappe.get_all(BALANCE, filters, ["name", "date", "balance", WRITTEN]):
		found.setdefault(getdate(row.date), []).append(row)
	return found


def _is_ours(document: Any) -> bool:
	try:
		return amount_out(document.balance) == Decimal(document.get(WRITTEN) or "")
	except InvalidOperation:
		return False


def _save(document: Any, balance: Decimal) -> None:
	"""Store a balance. If the host refuses it, its page lacks this balance; the run itself is stored."""
	document.update({"balance": balance, WRITTEN: str(balance)})
	document.flags.ignore_permissions = True
	try:
		with sql.undone_on_error():
			document.save()
	except HOST_REJECTIONS as error:
		frappe.logger("banksync").warning("a bank balance was refused: %s", rejection_text(error))
