"""`banksync missing`: what the bank has now and what is here, and taking what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import click

from dokos_banksync.actions import run_counts
from dokos_banksync.core.records import RunRecord
from dokos_banksync.core.review.missing import AccountView, Finding, look, take
from dokos_banksync.hosts.standalone.cli import names
from dokos_banksync.hosts.standalone.cli.json_records import Record, plain, run_record
from dokos_banksync.hosts.standalone.cli.options import day
from dokos_banksync.hosts.standalone.cli.session import Session, session
from dokos_banksync.hosts.standalone.cli.terminal import Column, bold, good

_LATELY = timedelta(days=90)
"""How far back banks are asked without the user's presence."""


@click.argument("name", metavar="CONNECTION")
@click.option("--from", "first", type=day, help="The first day; else 90 days ago.")
@click.option(
	"--take", "chosen", multiple=True, metavar="ID", help="Import the row of this id. May be repeated."
)
@click.option("--take-all", is_flag=True, help="Import all without open questions.")
def missing(name: str, first: date | None, chosen: Sequence[str], take_all: bool) -> None:
	"""List rows of the bank without a transaction, or import the chosen ones."""
	current = session()
	name = names.connection(current.site, name)
	ledger = current.site.ledger
	provider = current.site.provider_of(ledger.connection(name).provider)
	since = first or current.clock().date() - _LATELY
	if chosen or take_all:
		run = take(
			ledger, provider, name, since=since, clock=current.clock, chosen=None if take_all else chosen
		)
		current.answer(run_record(run), lambda: _render_run(current, run))
	else:
		views = look(ledger, provider, name, since=since, clock=current.clock)
		current.answer([_record(view) for view in views], lambda: _render(current, views))


def _render_run(current: Session, run: RunRecord) -> str:
	counts = [
		(run_counts.label(current.translations, name), getattr(run, name))
		for name in ("created", "linked", "removed")
	]
	return "\n".join(
		[
			f"{good('✓')} {bold(run.connection)}  {run.name}",
			"  " + "  ".join(f"{what} {count}" for what, count in counts),
			"  " + current.t("banksync undo {0} undoes it", run.name),
		]
	)


def _render(current: Session, views: Sequence[AccountView]) -> str:
	return "\n\n".join(_render_account(current, view) for view in views)


def _render_account(current: Session, view: AccountView) -> str:
	message = current.t("{0} as they should be, from {1}", view.correct, view.since)
	head = f"{bold(view.account.bank_account)}  {message}"
	if view.refused:
		head += "  " + current.t("Rows that cannot be read: {0}", len(view.refused))
	columns = [Column("At the bank", elastic=True), Column("Date"), Column("Amount", right=True)]
	columns += [Column("Currency", spare=True), Column("Label", elastic=True, least=16), Column("Id")]
	columns += [Column("Bank Transaction", spare=True), Column("Reason", elastic=True, spare=True)]
	rows: list[list[object]] = [
		[
			*(current.t(one.kind.value), one.line.date, one.line.amount, one.line.currency),
			*(one.line.description, one.line.remote_id, one.transaction),
			current.named(*(current.t(why) for why in (one.reason.value, one.note) if why)),
		]
		for one in view.findings
	]
	table = current.table(columns, rows, "") if rows else current.t("Nothing is missing")
	return f"{head}\n{table}"


def _record(view: AccountView) -> Record:
	return {
		"bank_account": view.account.bank_account,
		"remote_id": view.account.remote.remote_id,
		"since": plain(view.since),
		"correct": view.correct,
		"refused": len(view.refused),
		"findings": [_finding(one) for one in view.findings],
	}


def _finding(one: Finding) -> Record:
	line = one.line
	return {
		"kind": one.kind.value,
		"remote_id": line.remote_id,
		"date": plain(line.date),
		"amount": plain(line.amount),
		"currency": line.currency,
		"description": line.description,
		"state": line.state.value,
		"reason": one.reason.value,
		"note": one.note,
		"bank_transaction": one.transaction,
	}
