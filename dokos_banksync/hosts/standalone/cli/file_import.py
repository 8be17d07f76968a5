"""`banksync import`: a statement file into a Bank Account."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from dokos_banksync.actions.file_import import ImportOptions, PreparedImport, prepare, take
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.records import RunRecord
from dokos_banksync.core.review.dry_run import Plan, plan_rows
from dokos_banksync.core.texts import printable
from dokos_banksync.hosts.standalone.cli.json_records import plain, run_record
from dokos_banksync.hosts.standalone.cli.plan_options import (
	agreed,
	plan_hint,
	plan_options,
	plan_record,
	plan_table,
	telling_changes,
)
from dokos_banksync.hosts.standalone.cli.session import Session, session
from dokos_banksync.hosts.standalone.cli.sync import COUNTS, checks_table
from dokos_banksync.hosts.standalone.cli.terminal import Column, bad, bold, good
from dokos_banksync.statements.amounts import MARKS
from dokos_banksync.statements.days import ORDERS
from dokos_banksync.statements.mapping import SIGNS

_LARGEST = 200 * 2**20


def _columns(_: click.Context, __: click.Parameter, given: Sequence[str]) -> dict[str, str]:
	pairs = [choice.partition("=") for choice in given]
	if any(not between or not column for _, between, column in pairs):
		raise click.BadParameter("date=2, amount=Montant")
	return {role.strip(): column.strip() for role, _, column in pairs}


@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--bank-account", required=True, help="Where the transactions belong.")
@click.option("--account", default="", help="Number of the account, where the file holds several.")
@click.option(
	"--column",
	"columns",
	multiple=True,
	callback=_columns,
	metavar="WHAT=COLUMN",
	help="Title or number of a column: date=2, amount=Montant. May be repeated.",
)
@click.option("--date-format", type=click.Choice(ORDERS), help="Order of day (D), month (M) and year (Y).")
@click.option("--decimal", type=click.Choice(MARKS), help="The decimal mark.")
@click.option("--sign", type=click.Choice(SIGNS), help="reversed where a positive amount is money out.")
@click.option(
	"--sheet", default="", help="Name or number of the sheet, or number of the table in a text file."
)
@click.option(
	"--accept-mismatches", is_flag=True, help="Import although the file's balances contradict its rows."
)
@plan_options
def import_file(
	file: Path,
	bank_account: str,
	account: str,
	columns: dict[str, str],
	date_format: str | None,
	decimal: str | None,
	sign: str | None,
	sheet: str,
	accept_mismatches: bool,
	dry_run: bool,
	key: str | None,
	leave_out: Sequence[str],
) -> None:
	current = session()
	told = agreed(current, key, leave_out, dry_run)
	wishes = ImportOptions(
		account,
		columns,
		date_format or "",
		decimal or "",
		sign=sign or "",
		sheet=sheet,
		accept_mismatches=accept_mismatches,
	)
	ledger = current.site.ledger
	filing = prepare(ledger, bank_account, file.name, _content(file), wishes)
	if not current.json:
		current.note(_understood(current, filing))
	bar = current.bar(file.name)
	plan: Plan | None = None
	try:
		if dry_run:
			plan = plan_rows(ledger, filing.target.name, filing.rows, clock=current.clock, progress=bar)
			run = plan.run
		else:
			with telling_changes(current):
				run = take(ledger, filing, clock=current.clock, progress=bar, plan=told)
	finally:
		bar.clear()
	again = f"banksync import {file} --bank-account {filing.target.name!r}"
	current.answer(_record(filing, run, plan), lambda: _told(current, filing, run, plan, again))
	click.get_current_context().exit(InvalidData.exit_code if run.refused else 0)


def _content(file: Path) -> bytes:
	try:
		if file.stat().st_size > _LARGEST:
			raise InvalidData("The file is too large: export fewer months at a time")
		return file.read_bytes()
	except OSError as error:
		raise InvalidData("The file {0} cannot be read: {1}", file, error.strerror) from error


def _understood(current: Session, filing: PreparedImport) -> str:
	"""How the file is read, before anything is done with it."""
	parts = [f"{bold(filing.rows.name)}  {filing.statement.format}"]
	mapping = filing.statement.mapping
	wide = max((len(what) for what in mapping), default=0)
	parts += [f"  {what.ljust(wide)}  {printable(column)}" for what, column in mapping.items()]
	parts += [
		f"  ! {printable(current.translations.translate_stored(remark))}"
		for remark in filing.statement.remarks
	]
	return "\n".join(parts)


def _record(filing: PreparedImport, run: RunRecord, plan: Plan | None) -> dict[str, object]:
	balance = filing.account.balance
	made: dict[str, object] = {
		**run_record(run),
		"file": filing.rows.name,
		"source": filing.rows.source,
		"format": filing.statement.format,
		"bank_account": filing.target.name,
		"account": filing.account.number,
		"mapping": dict(filing.statement.mapping),
		"remarks": list(filing.statement.remarks),
		"refused_rows": [row._asdict() for row in filing.account.refused],
		"closing_balance": plain(balance.amount) if balance else None,
		"closing_day": plain(balance.day) if balance else None,
	}
	return {**made, **plan_record(plan)} if plan else made


def _told(current: Session, filing: PreparedImport, run: RunRecord, plan: Plan | None, again: str) -> str:
	sign = good("✓") if run.status == "Success" else bad("!")
	head = f"{sign} {bold(filing.rows.name)} → {filing.target.name}  {current.t(run.status)}  {run.name}".rstrip()
	counts = [
		f"{current.t(name)} {getattr(run, name)}"
		for name in COUNTS
		if getattr(run, name) or name == "fetched"
	]
	parts = [head, "  " + "  ".join(counts)]
	if filing.account.refused:
		parts += ["", _refused(current, filing)]
	if run.checks:
		parts += ["", checks_table(current, run.checks)]
	if plan is not None:
		told = current.t("Dry run of {0}: nothing was written", filing.rows.name)
		parts = [bold(told), *parts, "", plan_table(current, plan), plan_hint(current, plan, again)]
	return "\n".join(parts).rstrip()


def _refused(current: Session, filing: PreparedImport) -> str:
	columns = [Column("Row", right=True), Column("Reason", elastic=True), Column("Text", elastic=True)]
	rows = [[r.row, current.translations.translate_stored(r.reason), r.text] for r in filing.account.refused]
	return current.table(columns, rows, "")
