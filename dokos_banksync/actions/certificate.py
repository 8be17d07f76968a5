"""The certificate of a month, which an accountant signs, and the check whether it is still valid."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias, cast

from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import RequestContext
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.review.proof import Certificate, ProofLedger, certify

MOST_HELD = 500
SUMS = ("Balance before", "Money in", "Money out", "Balance after")
Turnover: TypeAlias = Sequence[tuple[date, Decimal, Decimal, int]]


def make_certificate(context: RequestContext, given: Arguments) -> object:
	"""Store the certificate of a month of a Bank Account, with the present values; it never changes."""
	account, month = given.text("bank_account"), month_of(given.text("month"))
	context.see("Bank Account", account)
	if month > context.site.clock().date():
		raise InvalidData("This month has not begun yet: choose an earlier one")
	values = facts(context.site.ledger, account, month)
	signed = {"made_by": context.signature, "made_at": context.site.clock()}
	return {"name": context.store_certificate({**values, **signed}), "status": values["status"]}


def month_of(text: str) -> date:
	"""Return the first day of a month such as `2026-10`. Raises `InvalidData`."""
	try:
		return date.fromisoformat(f"{text}-01")
	except ValueError as error:
		raise InvalidData("{0} is not a month: write it as 2026-10", text) from error


def facts(ledger: ProofLedger, account: str, month: date) -> dict[str, Any]:
	"""Return the fields of a Sync Certificate, except who created it and when."""
	made = certify(ledger, account, month)
	turnover = ledger.turnover(account, made.first, made.last)
	held, gaps = made.bank_account, made.gaps
	return {
		"bank_account": held.name,
		"bank": held.bank,
		"iban": held.iban,
		"currency": held.currency,
		"company": held.company,
		"first_day": made.first,
		"last_day": made.last,
		"status": made.status.value,
		"opening": made.opening,
		"money_in": made.money_in,
		"money_out": made.money_out,
		"closing": made.closing,
		"transactions": made.count,
		"days_fetched": sum(one.days for one in made.stretches if one not in gaps),
		"days_missing": sum(one.days for one in gaps),
		"proven_at": made.proven_at,
		"rows": json.dumps(_rows(made, turnover), ensure_ascii=False),
	}


def _rows(made: Certificate, turnover: Turnover) -> dict[str, Any]:
	"""Return the content of the page. Reasons and states are stored in English, and translated for the reader.

	Amounts are texts; an unknown one is null, which a site's columns for money cannot store.
	"""
	sums = (made.opening, made.money_in, made.money_out, made.closing)
	return {
		"sums": [_text(amount) for amount in sums],
		"days": list(_days(made, turnover)),
		"stretches": [
			[one.first.isoformat(), one.last.isoformat(), one.state.value, one.transactions]
			for one in made.stretches
		],
		"held": [
			[one.day.isoformat(), str(one.amount), one.label, one.reason.value]
			for one in made.held[:MOST_HELD]
		],
		"held_count": len(made.held),
	}


def _days(made: Certificate, turnover: Turnover) -> Iterator[list[Any]]:
	"""Yield each day with movements: money in and out, how many, and the balance at its end if it is known."""
	balance = made.opening
	for day, money_in, money_out, count in turnover:
		balance = None if balance is None else balance + money_in + money_out
		yield [day.isoformat(), str(money_in), str(money_out), count, _text(balance)]


def _text(amount: Decimal | None) -> str | None:
	return None if amount is None else str(amount)


def certificate_review(context: RequestContext, given: Arguments) -> object:
	"""Return whether a certificate is still valid, and the values that would differ today."""
	name = given.text("certificate")
	context.see("Sync Certificate", name)
	stored = context.certificate(name)
	now = facts(context.site.ledger, stored["bank_account"], stored["first_day"])
	before, after = read_rows(stored["rows"]), read_rows(now["rows"])
	sums = [
		{"label": context.translations(label), "then": then, "now": today}
		for label, then, today in zip(SUMS, before["sums"], after["sums"], strict=True)
		if _number(then) != _number(today)
	]
	return {
		"currency": stored["currency"],
		"sums": sums,
		"days": _changed_days(before["days"], after["days"]),
	}


def read_rows(stored: object) -> dict[str, Any]:
	"""Return the rows of a certificate: a site's database may give JSON as text or parsed."""
	return cast(dict[str, Any], json.loads(stored) if isinstance(stored, str) else stored)


def _number(text: str | None) -> Decimal | None:
	return None if text is None else Decimal(text)


def _changed_days(before: Sequence[Sequence[Any]], after: Sequence[Sequence[Any]]) -> list[str]:
	"""Return the days whose movements are others now, however the balance came to them."""
	then, now = ({day[0]: tuple(map(Decimal, day[1:4])) for day in days} for days in (before, after))
	return sorted(day for day in then.keys() | now.keys() if then.get(day) != now.get(day))
