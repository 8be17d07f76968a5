"""Bank accounts and the certificates of months: what each page shows."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from werkzeug.wrappers import Response

from dokos_banksync.actions.certificate import read_rows
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.iban import checked_iban
from dokos_banksync.core.records import BankAccountRecord
from dokos_banksync.hosts.standalone.web.paging import page_of
from dokos_banksync.hosts.standalone.web.request_context import Call, PageScripts
from dokos_banksync.hosts.standalone.web.totals import balance_totals

SHOWN = 10
_ACCOUNTS, _CERTIFICATES = "/bank-account", "/sync-certificate"


def accounts(call: Call) -> Response:
	"""Show the bank accounts with their balances."""
	rows = [(record, _balance(call, record)) for record in call.site.ledger.bank_accounts()]
	return call.page(
		"accounts.html",
		call.translations("Bank accounts"),
		_ACCOUNTS,
		accounts=rows,
		totals=balance_totals((record.currency, balance) for record, balance in rows),
		closed=[one.name for one in call.site.ledger.closed_bank_accounts()],
	)


_EMPTY = "This account has no transaction yet: import a statement file here, or connect its bank"
_NEW = {"name": "", "bank": "", "currency": "EUR", "iban": ""}


def new_account(call: Call) -> Response:
	"""Show the form of a new bank account."""
	return call.page(
		"account_new.html",
		call.translations("Add a bank account"),
		_ACCOUNTS,
		parent=(_ACCOUNTS, call.translations("Bank accounts")),
		given={**_NEW, "bank": call.request.args.get("bank", "")},
		banks=[(bank, bank) for bank in call.site.ledger.banks()],
	)


def add_account(call: Call) -> Response:
	"""Add a Bank Account without a connection: statement files are imported into it."""
	given = {name: call.request.form.get(name, "").strip() for name in _NEW}
	currency = given["currency"].upper()
	if not re.fullmatch("[A-Z]{3}", currency):
		raise InvalidData(
			"{0} is not a currency: write its three letters, as EUR", given["currency"], field="currency"
		)
	if not given["bank"]:
		raise InvalidData("The bank has no name: give it one", field="bank")
	iban = checked_iban(given["iban"])
	call.site.ledger.add_bank_account(given["name"], given["bank"], currency, iban)
	return call.go(f"{_ACCOUNTS}/{quote(given['name'], safe='')}")


def change_account(call: Call, name: str) -> Response:
	"""Rename a bank account, close it, or open it again."""
	ledger, form = call.site.ledger, call.request.form
	if "closed" in form:
		ledger.close_bank_account(name, closed=form["closed"] == "1")
		return call.go(f"{_ACCOUNTS}/{quote(name, safe='')}")
	renamed = ledger.rename_bank_account(name, form.get("name", ""))
	return call.go(f"{_ACCOUNTS}/{quote(renamed.name, safe='')}")


def account(call: Call, name: str) -> Response:
	"""Show a bank account."""
	ledger = call.site.ledger
	record = ledger.bank_account(name)
	certificates = ledger.certificates(name, SHOWN + 1)
	return call.page(
		"account.html",
		name,
		_ACCOUNTS,
		PageScripts(
			"form", "Bank Account", doc={"name": name, "bank": record.bank, "currency": record.currency}
		),
		parent=(_ACCOUNTS, call.translations("Bank accounts")),
		account=record,
		balance=_balance(call, record),
		rows=ledger.transactions(bank_account=name, limit=SHOWN),
		count_of_all=ledger.count_transactions(name),
		certificates=certificates[:SHOWN],
		more_certificates=len(certificates) > SHOWN,
		notice="" if ledger.count_transactions(name) else call.translations(_EMPTY),
	)


def _balance(call: Call, record: BankAccountRecord) -> Decimal | None:
	opening = record.opening_balance
	return None if opening is None else opening + call.site.ledger.movements(record.name)


# -- certificates --------------------------------------------------------------------------------------
def certificates(call: Call) -> Response:
	"""Show the certificates."""
	found, pages = page_of(call, _CERTIFICATES, lambda limit: call.site.ledger.certificates(limit=limit))
	return call.page(
		"certificates.html",
		call.translations("Certificates"),
		_CERTIFICATES,
		certificates=found,
		**pages,
	)


def certificate(call: Call, name: str) -> Response:
	"""Show a certificate, as a page to be printed."""
	stored = call.site.ledger.certificate(name)
	return call.page(
		"certificate.html",
		name,
		_CERTIFICATES,
		PageScripts("form", "Sync Certificate", doc={"name": name}),
		parent=(_CERTIFICATES, call.translations("Certificates")),
		made=stored,
		**_page(stored),
	)


def _page(stored: dict[str, Any]) -> dict[str, Any]:
	rows = read_rows(stored["rows"])
	opening, money_in, money_out, closing = (_amount(text) for text in rows["sums"])
	sums = {"opening": opening, "money_in": money_in, "money_out": money_out, "closing": closing}
	days = [[day, _amount(into), _amount(out), n, _amount(left)] for day, into, out, n, left in rows["days"]]
	held = [[day, _amount(amount), label, reason] for day, amount, label, reason in rows["held"]]
	return {
		"sums": sums,
		"days": days,
		"stretches": rows["stretches"],
		"held": held,
		"held_count": rows["held_count"],
	}


def _amount(text: str | None) -> Decimal | None:
	return None if text is None else Decimal(text)
