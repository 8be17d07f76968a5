"""`banksync import`: statement files into a Bank Account."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import click

from dokos_banksync.actions.file_import import ImportOptions, PreparedImport, prepare, take
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core.errors import InvalidData, NotFound, SyncError
from dokos_banksync.core.importing.possible_duplicates import is_hint
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.matching.windows import LISTED_DAYS
from dokos_banksync.core.message import message_parts, reason_of
from dokos_banksync.core.records import RunRecord, RunStatus
from dokos_banksync.core.review import duplicates
from dokos_banksync.core.review.dry_run import ApprovedPlan, Plan, PlanKind, plan_rows
from dokos_banksync.core.texts import printable
from dokos_banksync.hosts.standalone.cli import names
from dokos_banksync.hosts.standalone.cli.json_records import plain, run_record, sentence
from dokos_banksync.hosts.standalone.cli.plan_options import (
	approved_plan,
	listing_changes,
	plan_hint,
	plan_options,
	plan_record,
	plan_table,
)
from dokos_banksync.hosts.standalone.cli.reading_question import (
	answered,
	answers,
	asking,
	command_of,
	sentence_of,
	understood,
)
from dokos_banksync.hosts.standalone.cli.session import Session, session
from dokos_banksync.hosts.standalone.cli.sync import FROM_MILDEST, checks_table, counts_line, exit_code_of
from dokos_banksync.hosts.standalone.cli.terminal import Column, bad, bold, good
from dokos_banksync.statements.amounts import MARKS
from dokos_banksync.statements.contract import ALL_SIGNS, ReadingOptions, ReadingQuestion
from dokos_banksync.statements.days import ALL_ORDERS

STDIN = "-"
"""The name of standard input among files."""

_LARGEST = 200 * 2**20
_TOO_LARGE = "The file is too large: export fewer months at a time"


def _columns(_: click.Context, __: click.Parameter, given: Sequence[str]) -> dict[str, str]:
	pairs = [choice.partition("=") for choice in given]
	if any(not between or not column for _, between, column in pairs):
		raise click.BadParameter(
			session().t(
				"write what the column holds and its title or number, such as date=2 or amount=Montant"
			)
		)
	return {role.strip(): column.strip() for role, _, column in pairs}


@click.argument("files", nargs=-1, required=True, metavar="FILE...")
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
@click.option(
	"--date-format", type=click.Choice(ALL_ORDERS), help="Order of day (D), month (M) and year (Y)."
)
@click.option("--decimal", type=click.Choice(MARKS), help="The decimal mark.")
@click.option(
	"--sign",
	type=click.Choice(ALL_SIGNS),
	help="reversed where a positive amount is money out; unsigned where a minus beside debit and credit means nothing.",
)
@click.option(
	"--sheet", default="", help="Name or number of the sheet, or number of the table in a text file."
)
@click.option(
	"--accept-mismatches",
	is_flag=True,
	help="Import all the same what an error says of contradictions or old days.",
)
@plan_options
def import_file(
	files: Sequence[str],
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
	"""Import statement files; with `--dry-run` print what would happen."""
	current = session()
	bank_account = names.bank_account(current.site, bank_account)
	approved = approved_plan(current, key, leave_out, dry_run)
	reading = ReadingOptions(
		columns=columns, dates=date_format or "", decimal=decimal or "", sign=sign or "", sheet=sheet
	)
	options = ImportOptions(reading, account=account, accept_mismatches=accept_mismatches)
	found = list(_found(files))
	if key is not None and len(found) > 1:
		raise click.UsageError(current.t("--apply goes with one file"))
	if len(found) == 1:
		with asking(current, found[0], bank_account, options):
			done = _import_one(
				current, found[0], bank_account, options=options, dry_run=dry_run, approved=approved
			)
		current.answer(done.record(), lambda: done.message(current))
		click.get_current_context().exit(done.exit_code)
	_import_all(current, found, bank_account, options=options, dry_run=dry_run)


def _import_all(
	current: Session, found: Sequence[str], bank_account: str, *, options: ImportOptions, dry_run: bool
) -> None:
	"""Import each file, and exit with the gravest code."""
	outcomes = [_attempt(current, file, bank_account, options=options, dry_run=dry_run) for file in found]
	current.answer(
		[one.record() for one in outcomes], lambda: "\n\n".join(one.message(current) for one in outcomes)
	)
	click.get_current_context().exit(max((one.exit_code for one in outcomes), key=FROM_MILDEST.index))


@dataclass
class Imported:
	"""What came of one file."""

	prepared: PreparedImport
	run: RunRecord
	plan: Plan | None
	again: str
	"""The command that imports it in the same way."""
	alike: int = 0
	"""New bank transactions that may be duplicates."""

	@property
	def exit_code(self) -> int:
		"""Return the exit code of this file."""
		return exit_code_of(self.run)

	def record(self) -> dict[str, object]:
		"""Return what is printed with `--json`."""
		return {**_record(self.prepared, self.run, self.plan), "possible_duplicates": self.alike}

	def message(self, current: Session) -> str:
		"""Return what is printed."""
		rendered = _render(current, self.prepared, self.run, plan=self.plan, again=self.again)
		if not self.alike:
			return rendered
		if self.plan:
			doubt = current.t(
				"{0} new rows may be there already: their reason names the bank transaction", self.alike
			)
			return f"{rendered}\n  ! {doubt}"
		account = shlex.quote(self.prepared.target.name)
		doubt = current.t(
			"{0} new bank transactions may be there already, under another label: {1}",
			self.alike,
			f"banksync duplicates --bank-account {account}",
		)
		return f"{rendered}\n  ! {doubt}"


@dataclass
class NotImported:
	"""A file that was not imported, and why; the others are."""

	file: str
	bank_account: str
	options: ImportOptions
	error: SyncError
	translations: Translations

	@property
	def exit_code(self) -> int:
		"""Return the exit code of this file."""
		return self.error.exit_code

	def record(self) -> dict[str, object]:
		"""Return what is printed with `--json`."""
		words = sentence(self.translations, self.error.message)
		message = {"code": self.error.code, "message": words, **message_parts(self.error.message)}
		return {"file": self.file, "error": {**message, "reference": self.error.reference}}

	def message(self, current: Session) -> str:
		"""Return what is printed."""
		head = f"{bad('✗')} {bold(printable(self.file))}"
		if not isinstance(self.error, ReadingQuestion):
			return f"{head}  {self.translations.error(self.error)} [{self.error.code}]"
		again = partial(answered, self.file, self.bank_account, self.options)
		below = answers(current, self.error, again)
		return f"{head}  {sentence_of(current, self.error)} [{self.error.code}]\n\n{below}"


def _found(files: Sequence[str]) -> Iterator[str]:
	"""Yield the files as they are named; those of a folder by name, hidden ones left out."""
	for name in files:
		folder = Path(name)
		if name == STDIN or not folder.is_dir():
			yield name
			continue
		inside = sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))
		if not inside:
			raise InvalidData("The folder {0} holds no file", name)
		yield from map(str, inside)


def _attempt(
	current: Session, file: str, bank_account: str, options: ImportOptions, dry_run: bool
) -> Imported | NotImported:
	try:
		return _import_one(current, file, bank_account, options=options, dry_run=dry_run, approved=None)
	except SyncError as error:
		return NotImported(
			file, bank_account, options=options, error=error, translations=current.translations
		)


def _import_one(
	current: Session,
	file: str,
	bank_account: str,
	options: ImportOptions,
	dry_run: bool,
	approved: ApprovedPlan | None,
) -> Imported:
	ledger, name = current.site.ledger, "stdin" if file == STDIN else Path(file).name
	today = current.clock().date()
	prepared = prepare(ledger, bank_account, name, content=_content(file), options=options, today=today)
	if not current.json:
		current.note(understood(current, prepared))
		for remark in prepared.statement.remarks:
			current.warn(f"  ! {printable(current.translations.message(remark))}")
	bar = current.bar(name)
	plan: Plan | None = None
	try:
		if dry_run:
			plan = plan_rows(ledger, prepared.target.name, prepared.rows, clock=current.clock, progress=bar)
			run = plan.run
		else:
			with listing_changes(current):
				run = take(ledger, prepared, clock=current.clock, progress=bar, plan=approved)
	finally:
		bar.clear()
	alike = _hinted(plan) if plan else _possible_duplicates(ledger, prepared, run)
	return Imported(prepared, run, plan, again=command_of(file, bank_account, options), alike=alike)


def _hinted(plan: Plan) -> int:
	"""Return how many of the new rows of a plan may be there already."""
	return sum(row.kind is PlanKind.NEW and is_hint(row.note) for row in plan.rows)


def _possible_duplicates(ledger: Ledger, prepared: PreparedImport, run: RunRecord) -> int:
	"""Return how many of the new bank transactions may be one that was there before, by other words."""
	if not run.created:
		return 0
	first = min(line.date for line in prepared.account.lines) - timedelta(days=LISTED_DAYS)
	pairs = duplicates.find(ledger, prepared.target.name, first)
	return sum(pair.second.known.sources == {prepared.rows.source} for pair in pairs)


def _content(file: str) -> bytes:
	"""Raises `InvalidData` for what cannot be read, and `NotFound` for a file that does not exist."""
	content = sys.stdin.buffer.read(_LARGEST + 1) if file == STDIN else _read(Path(file))
	if len(content) > _LARGEST:
		raise InvalidData(_TOO_LARGE)
	return content


def _read(file: Path) -> bytes:
	if not file.exists():
		raise NotFound("There is no file {0}", file)
	try:
		if file.stat().st_size > _LARGEST:
			raise InvalidData(_TOO_LARGE)
		return file.read_bytes()
	except OSError as error:
		raise InvalidData("The file {0} cannot be read: {1}", file, reason_of(error)) from error


def _record(prepared: PreparedImport, run: RunRecord, plan: Plan | None) -> dict[str, object]:
	balance = prepared.account.balance
	made: dict[str, object] = {
		**run_record(run),
		"file": prepared.rows.name,
		"source": prepared.rows.source,
		"format": prepared.statement.format,
		"bank_account": prepared.target.name,
		"account": prepared.account.number,
		"mapping": dict(prepared.statement.mapping),
		"remarks": list(prepared.statement.remarks),
		"remarks_data": [message_parts(remark) for remark in prepared.statement.remarks],
		"refused_rows": [
			{**row._asdict(), "reason_data": message_parts(row.reason)} for row in prepared.account.refused
		],
		"closing_balance": plain(balance.amount) if balance else None,
		"closing_day": plain(balance.day) if balance else None,
	}
	return {**made, **plan_record(plan)} if plan else made


def _render(current: Session, prepared: PreparedImport, run: RunRecord, plan: Plan | None, again: str) -> str:
	sign = good("✓") if run.status is RunStatus.SUCCESS else bad("!")
	result = "" if plan else f"  {current.t(run.status.value)}  {run.name}"
	head = f"{sign} {bold(prepared.rows.name)} → {prepared.target.name}{result}".rstrip()
	parts = [head, f"  {counts_line(current, run, planned=bool(plan))}"]
	if prepared.account.refused:
		parts += ["", _refused(current, prepared)]
	if run.checks:
		parts += ["", checks_table(current, run.checks)]
	if plan is not None:
		message = current.t("Dry run of {0}: nothing was written", prepared.rows.name)
		parts = [bold(message), *parts, "", plan_table(current, plan), plan_hint(current, plan, again)]
	return "\n".join(parts).rstrip()


def _refused(current: Session, prepared: PreparedImport) -> str:
	columns = [Column("Row", right=True), Column("Reason", elastic=True), Column("Text", elastic=True)]
	rows = [[r.row, current.translations.message(r.reason), r.text] for r in prepared.account.refused]
	return current.table(columns, rows, "")
