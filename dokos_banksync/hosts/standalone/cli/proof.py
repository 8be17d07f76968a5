"""`banksync proof`, `coverage`, `certificate`: whether everything is there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from shlex import quote

import click

from dokos_banksync.actions.messages import trigger_of
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.records import BalanceCheck, BankAccountRecord, UnmatchedItem
from dokos_banksync.core.review.accepting import accept, difference_of
from dokos_banksync.core.review.coverage import DayState, Stretch, strip
from dokos_banksync.core.review.projected_balance import ProjectedBalance, projected_balances
from dokos_banksync.core.review.proof import Certificate, Proof, certify, prove
from dokos_banksync.hosts.standalone.cli import names, terminal
from dokos_banksync.hosts.standalone.cli.confirmation import confirm, yes_option
from dokos_banksync.hosts.standalone.cli.json_records import Record, bank_account, plain, plain_row
from dokos_banksync.hosts.standalone.cli.options import day, month
from dokos_banksync.hosts.standalone.cli.session import DIFFERENCE, Session, session
from dokos_banksync.hosts.standalone.cli.terminal import Column, bad, bold, good, money, text

ITEMS = 10
"""How many rows of a cause are printed."""
_LATELY = timedelta(days=90)
_MARKS = {DayState.FETCHED: "█", DayState.EMPTY: "░", DayState.FAILED: "✗", DayState.NEVER: "·"}


@click.argument("account", metavar="[BANK_ACCOUNT]", default="")
@click.option(
	"--accept-difference",
	"accepted",
	is_flag=True,
	help="Add the difference to the opening balance, where that is wrong.",
)
@yes_option
def proof(account: str, accepted: bool, yes: bool) -> None:
	"""Compare the books with the bank's balance; print causes of a difference."""
	current = session()
	ledger = current.site.ledger
	if accepted:
		if not account:
			raise InvalidData("--accept-difference needs the name of a Bank Account")
		account = names.any_bank_account(current.site, account)
		difference = difference_of(ledger, account)
		question = "Change the opening balance of {0} by the difference of {1}?"
		confirm(current.t(question, account, text(difference)), yes)
		found_before = accept(ledger, account, difference)
		held = ledger.bank_account(account)
		message = current.t(
			"The opening balance of {0} is {1} now; the next sync proves it",
			account,
			text(held.opening_balance),
		)
		current.answer(_proof_record(found_before), lambda: f"{good('✓')} {message}")
		return
	asked = [names.any_bank_account(current.site, account)] if account else []
	chosen = asked or [held.name for held in ledger.bank_accounts()]
	found = [prove(ledger, name) for name in chosen]
	to_come = {name: projected_balances(ledger, name) for name in chosen}
	current.answer(
		[
			{**_proof_record(one), "projected_balance": _projection_record(to_come[one.bank_account])}
			for one in found
		],
		lambda: (
			"\n\n".join(
				_render_proof(current, one) + _render_projection(current, to_come[one.bank_account])
				for one in found
			)
			or current.t("No Bank Account yet: banksync link makes one")
		),
	)
	differs = any(one.checked and not one.complete for one in found)
	click.get_current_context().exit(DIFFERENCE if differs else 0)


def _render_proof(current: Session, one: Proof) -> str:
	if one.checked is None:
		return f"– {bold(one.bank_account)}  {current.t('Not compared with the bank yet')}"
	check = one.checked.check
	balance = f"{money(check.bank_balance)} {check.currency}"
	if one.complete:
		message = current.t("The bank and the books agree on {0}, at {1}", balance, one.checked.at)
		return "\n".join([f"{good('✓')} {bold(one.bank_account)}  {message}", *_render_since(current, one)])
	off = money(abs(check.difference))
	if check.difference < 0:
		message = current.t("The bank has {0}, and the books {1} more", balance, off)
	else:
		message = current.t("The bank has {0}, and the books {1} less", balance, off)
	parts = [f"{bad('✗')} {bold(one.bank_account)}  {message}"]
	if one.first_day:
		parts.append("  " + current.t("The difference began on {0} at the earliest", one.first_day))
	if one.proven_at:
		parts.append("  " + current.t("They last agreed at {0}", one.proven_at))
	if one.causes:
		parts.append(
			"  " + current.t("What may make it, with what each adds to the difference of {0}", _signed(check))
		)
	for cause in one.causes:
		origin = cause.origin and trigger_of(current.translations, cause.origin.trigger, cause.origin.subject)
		named = origin or current.t(cause.reason.value)
		reason = f" ({named})" if named else ""
		sign = "=" if cause.exact else "?"
		parts.append(f"  {sign} {current.named(f'{current.t(cause.sentence)}{reason}', money(cause.amount))}")
		parts += [
			f"      {text(item.day)}  {money(item.amount)}  {text(item.label)}  {item.name}"
			for item in cause.items[:ITEMS]
		]
		if len(cause.items) > ITEMS:
			parts.append(
				"      " + current.t("and {0} more rows: --json lists them all", len(cause.items) - ITEMS)
			)
	return "\n".join(parts)


def _signed(check: BalanceCheck) -> str:
	"""Return the difference with its sign: what the bank has more than the books."""
	return f"{money(check.difference)} {check.currency}"


def _render_since(current: Session, one: Proof) -> list[str]:
	if not one.since:
		return []
	message = current.t(
		"Bank transactions of later days, of which this balance says nothing: {0}", money(one.since)
	)
	return [f"  {message}"]


def _render_projection(current: Session, one: ProjectedBalance) -> str:
	"""Return what the bank has announced, by day, and what the balance comes to."""
	if not one.days:
		return ""
	parts = ["", "  " + current.t("Announced or pending, not booked yet")]
	parts += [
		f"      {text(due.day)}  {money(due.amount)}  {current.t('Rows: {0}', due.rows)}" for due in one.days
	]
	if one.balance is not None and one.balance_to_come is not None:
		now, later = (f"{money(b)} {one.currency}" for b in (one.balance, one.balance_to_come))
		parts.append("  " + current.t("Balance now {0}, to come {1}", now, later))
	return "\n".join(parts)


def _projection_record(one: ProjectedBalance) -> Record:
	return {
		"balance": plain(one.balance),
		"balance_to_come": plain(one.balance_to_come),
		"announced": plain(one.announced),
		"days": [plain_row(due._asdict()) for due in one.days],
	}


def _proof_record(one: Proof) -> Record:
	return {
		"bank_account": one.bank_account,
		"complete": one.complete,
		"checked_at": plain(one.checked.at) if one.checked else None,
		"run": one.checked.run if one.checked else "",
		"check": plain_row(one.checked.check._asdict()) if one.checked else None,
		"proven_at": plain(one.proven_at),
		"first_day": plain(one.first_day),
		"since": plain(one.since),
		"causes": [
			{
				"message": cause.sentence,
				"reason": cause.reason.value,
				"origin": plain_row(cause.origin._asdict()) if cause.origin else None,
				"amount": plain(cause.amount),
				"exact": cause.exact,
				"items": [_unmatched(item) for item in cause.items],
			}
			for cause in one.causes
		],
	}


def _unmatched(item: UnmatchedItem) -> Record:
	return plain_row(item._asdict())


@click.argument("account", metavar="BANK_ACCOUNT")
@click.option("--from", "first", type=day, help="The first day; else 90 days ago.")
@click.option("--to", "last", type=day, help="The last day; else today.")
def coverage(account: str, first: date | None, last: date | None) -> None:
	"""List which days were read, from which source."""
	current = session()
	ledger = current.site.ledger
	account = names.any_bank_account(current.site, account)
	end = last or current.clock().date()
	begin = first or end - _LATELY
	if begin > end:
		raise InvalidData("{0} is after {1}: the first day comes first", begin, end)
	counts = {row[0]: row[3] for row in ledger.turnover(account, begin, end)}
	stretches = strip(ledger.covered(account), counts, begin, end)
	fill = _how_to_fill(current, account)
	current.answer([_stretch(one) for one in stretches], lambda: _render_coverage(current, stretches, fill))


def _how_to_fill(current: Session, account: str) -> str:
	"""Return the command that fills a gap: from the bank where a connection feeds the account, else from a file."""
	ledger = current.site.ledger
	for record in ledger.connections():
		if any(one.bank_account == account for one in ledger.accounts(record.name)):
			return current.t("banksync missing {0} --from DATE --take-all fills a gap", record.name)
	return current.t("banksync import FILE --bank-account {0} fills a gap", quote(account))


def _render_coverage(current: Session, stretches: Sequence[Stretch], fill: str) -> str:
	marks = "".join(_MARKS[one.state] * one.days for one in stretches)
	room = terminal.width() or len(marks)
	drawn = "\n".join(marks[at : at + room] for at in range(0, len(marks), room))
	legend = "  ".join(f"{mark} {current.t(state.value)}" for state, mark in _MARKS.items())
	parts = [drawn, legend, "", stretches_table(current, stretches)]
	if any(one.state in (DayState.FAILED, DayState.NEVER) for one in stretches):
		parts += ["", fill]
	return "\n".join(parts)


def stretches_table(current: Session, stretches: Sequence[Stretch]) -> str:
	"""Return stretches of covered days as a table."""
	columns = [Column("From"), Column("To"), Column("Days", right=True), Column("State")]
	columns += [Column("Transactions", right=True)]
	rows = [[s.first, s.last, s.days, current.t(s.state.value), s.transactions] for s in stretches]
	return current.table(columns, rows, "")


def _stretch(one: Stretch) -> Record:
	return {**plain_row(one._asdict()), "days": one.days}


@click.argument("account", metavar="BANK_ACCOUNT")
@click.option("--month", "first", required=True, callback=month, metavar="YYYY-MM", help="The month.")
def certificate(account: str, first: date) -> None:
	"""Certify a month of a bank account."""
	current = session()
	made = certify(current.site.ledger, names.any_bank_account(current.site, account), first)
	current.answer(_certificate_record(made), lambda: _render_certificate(current, made))
	click.get_current_context().exit(0 if made.complete else InvalidData.exit_code)


def _render_certificate(current: Session, made: Certificate) -> str:
	"""Return one page, to be printed as it is."""
	held = made.bank_account
	rows: list[list[object]] = [
		[current.t("Balance on {0}, before the first transaction", made.first), made.opening],
		[current.t("Money in"), made.money_in],
		[current.t("Money out"), made.money_out],
		[current.t("Balance on {0}, after the last transaction", made.last), made.closing],
	]
	parts = [
		bold(current.t("Certificate of completeness")),
		_heading(held),
		f"{text(made.first)} – {text(made.last)}",
		"",
		current.table([Column(""), Column(held.currency, right=True)], rows, ""),
		current.t("{0} bank transactions", made.count),
		"",
		*_statement(current, made),
		"",
		stretches_table(current, made.stretches),
	]
	if made.held:
		parts += ["", current.t("Rows of the bank that are not counted above"), _held_table(current, made)]
	return "\n".join(parts)


def _heading(held: BankAccountRecord) -> str:
	return "  ".join(part for part in (held.name, held.bank, held.iban, held.currency) if part)


def _statement(current: Session, made: Certificate) -> list[str]:
	if made.complete and made.proven_at:
		message = current.t(
			"Complete: every day was fetched, and on {0} opening balance and transactions gave the bank's own balance.",
			made.proven_at,
		)
		return [f"{good('✓')} {message}"]
	parts = [bad(current.t("Not complete:"))]
	if made.opening is None:
		parts.append("  " + current.t("the opening balance is not known"))
	if made.proven_at is None:
		parts.append("  " + current.t("the balance was not proven after the end of the month"))
	parts += [
		"  " + current.t("from {0} to {1}: {2}", gap.first, gap.last, current.t(gap.state.value))
		for gap in made.gaps
	]
	return parts


def _held_table(current: Session, made: Certificate) -> str:
	columns = [Column("Date"), Column("Amount", right=True), Column("Label", elastic=True, least=16)]
	columns += [Column("Reason", elastic=True, least=16)]
	rows: list[list[object]] = [
		[item.day, item.amount, item.label, current.t(item.reason.value) if item.reason.value else ""]
		for item in made.held
	]
	return current.table(columns, rows, "")


def _certificate_record(made: Certificate) -> Record:
	return {
		"bank_account": bank_account(made.bank_account),
		"first": plain(made.first),
		"last": plain(made.last),
		"opening": plain(made.opening),
		"money_in": plain(made.money_in),
		"money_out": plain(made.money_out),
		"count": made.count,
		"closing": plain(made.closing),
		"proven_at": plain(made.proven_at),
		"complete": made.complete,
		"stretches": [_stretch(one) for one in made.stretches],
		"held": [_unmatched(item) for item in made.held],
	}
