"""The import of a statement file: a source of its own beside the feeds.

A file is known by its content. The same file again is known by its ids and brings nothing; another file that
overlaps it, or a feed of the same account, is matched by what its lines say.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timezone
from decimal import Decimal
from hashlib import sha256
from typing import NamedTuple

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.importing.apply_approved import apply_approved, require_scope
from dokos_banksync.core.importing.approved_plan import ApprovedPlan
from dokos_banksync.core.importing.balance_evidence import KnownBalance
from dokos_banksync.core.importing.failed_runs import closed_when_failed
from dokos_banksync.core.importing.importer import Importer, Preview
from dokos_banksync.core.importing.older_exports import correct_by_older_file, is_older_export
from dokos_banksync.core.importing.plan import Feed
from dokos_banksync.core.importing.split_days import last_day_of
from dokos_banksync.core.importing.staging import Staging
from dokos_banksync.core.importing.storable_rows import are_storable, storable_days
from dokos_banksync.core.importing.validation import checked, checked_accounts, without_unlikely_days
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.model import Line, Page, RejectedRow, RemoteAccount, file_source
from dokos_banksync.core.packed_lines import PackedLines, packed_chunks
from dokos_banksync.core.progress import Progress
from dokos_banksync.core.provider import Clock
from dokos_banksync.core.records import AccountRecord, BankAccountRecord, Covered, RunRecord, RunStatus
from dokos_banksync.core.staged_row import DATE, unpack
from dokos_banksync.core.trigger import Trigger

__all__ = ["FileRows", "import_rows", "scope_of", "source_of"]

_STAGED_AT_ONCE = 2_000
"""Lines of a file that are checked and staged at a time."""


@dataclass(frozen=True)
class FileRows:
	"""One account of a file: what could be read and what could not."""

	name: str
	source: str
	lines: Sequence[Line]
	refused: Sequence[RejectedRow] = ()
	balance: Decimal | None = None
	balance_day: date | None = None
	"""`balance` is what the account held at the end of this day."""
	repeated: Set[str] = frozenset()
	"""Ids of lines that the file gives again under the id of another line; see `matching.repeated_ids`."""
	old_days: bool = False
	"""Whether a user has confirmed days of more than twenty-five years ago."""


def source_of(content: bytes, account: str = "") -> str:
	"""Return the source of a file; `account` distinguishes the accounts of a file with several."""
	key = file_source(sha256(content).hexdigest()[:16])
	return f"{key}:{account}" if account else key


def scope_of(source: str, bank_account: str) -> str:
	"""Return what a plan of a file is the plan of; see `approved_plan`."""
	return f"{source} into {bank_account}"


def import_rows(
	ledger: Ledger,
	bank_account: str,
	rows: FileRows,
	*,
	clock: Clock,
	progress: Progress | None = None,
	preview: Preview | None = None,
	plan: ApprovedPlan | None = None,
) -> RunRecord:
	"""Bring a file's lines into a Bank Account; with `preview` nothing is written, with `plan` exactly what a
	user approved (see `approved_plan`), or nothing.

	The lock date of the Bank Account holds; a start date is a matter of feeds. Raises `InvalidData` for a file
	that went into another Bank Account before, `PlanChanged` for a plan that no longer holds, and `Busy` while
	another file goes into this one.
	"""
	target = ledger.bank_account(bank_account)
	_refuse_elsewhere(ledger, target, rows)
	if plan:
		require_scope(plan, scope_of(rows.source, target.name))
	with ledger.hold(f"files of {target.name}"):
		if preview:
			run = RunRecord("", "", Trigger.FILE, clock(), subject=rows.name)
			return _take(
				Importer(ledger=ledger, run=run, clock=clock, progress=progress, preview=preview),
				target,
				rows,
			)
		run = ledger.begin_run("", Trigger.FILE, clock(), rows.name)
		with closed_when_failed(ledger, run, clock):
			return _take(Importer(ledger, run, clock, progress), target, rows, plan)


def _refuse_elsewhere(ledger: Ledger, target: BankAccountRecord, rows: FileRows) -> None:
	before = ledger.file_account(rows.source)
	if before and before != target.name:
		raise InvalidData(
			"{0} was imported into {1} already: a file belongs to one account", rows.name, before
		)


def _take(
	importer: Importer, target: BankAccountRecord, rows: FileRows, plan: ApprovedPlan | None = None
) -> RunRecord:
	run = importer.run
	moved = importer.ledger.movements(target.name)
	with Staging() as staging:
		staged = _stage(staging, rows, importer.clock().date())
		feeds = {rows.source: _feed(target, rows.source, staged.days)} if staged.days else {}
		if rows.balance is not None and not staged.rejected:
			importer.balances = {rows.source: KnownBalance(rows.balance, rows.balance_day)}
		if rows.repeated:
			importer.doubtful.repeated = {rows.source: rows.repeated}
		if staged.days:
			importer.last_days = {rows.source: last_day_of(rows.lines, staged.days[1], staged.days[0])}
		if plan:
			refused = [(rows.source, target.name, staged.rejected)]
			apply_approved(importer, staging, feeds, approved=plan, refused=refused)
		else:
			importer.refuse(rows.source, target.name, staged.rejected)
			importer.import_rows(staging, feeds)
	if not importer.preview:
		_correct_opening(importer, target, rows, moved)
		_prove(importer, target, rows, feeds.get(rows.source))
		if staged.days:
			_cover(importer, target, rows, staged.days)
	run.ended_at = importer.clock()
	run.status = RunStatus.PARTIAL if run.refused else RunStatus.SUCCESS
	if not importer.preview:
		importer.ledger.save_run(run)
	return run


class _Staged(NamedTuple):
	"""The first and the last day of the lines that were staged, None without lines, and the rows that were not."""

	days: tuple[date, date] | None
	rejected: list[RejectedRow]


def _stage(staging: Staging, rows: FileRows, today: date) -> _Staged:
	"""Check and stage the lines, a part at a time: a second copy of all of them would double the memory."""
	rejected = list(checked(Page((), rows.refused)).rejected)
	if isinstance(rows.lines, PackedLines) and (
		all_days := storable_days(rows.lines, today, old_days=rows.old_days)
	):
		staging.defer(rows.source, rows.lines)
		return _Staged((date.fromisoformat(min(all_days)), date.fromisoformat(max(all_days))), rejected)
	days: set[str] = set()
	for chunk in packed_chunks(rows.lines, _STAGED_AT_ONCE):
		if are_storable(chunk, today, old_days=rows.old_days):
			staging.put_rows(rows.source, chunk)
			days |= {row[DATE] for row in chunk}
			continue
		lines = [unpack(row)._replace(remote_account=rows.source) for row in chunk]
		page = without_unlikely_days(checked(Page(lines)), today, old_days=rows.old_days)
		staging.put((rows.source, line) for line in page.lines)
		rejected += page.rejected
		days |= {line.date.isoformat() for line in page.lines}
	found = (date.fromisoformat(min(days)), date.fromisoformat(max(days))) if days else None
	return _Staged(found, rejected)


def _feed(target: BankAccountRecord, source: str, days: tuple[date, date]) -> Feed:
	first, last = days
	return Feed(
		source=source,
		bank_account=target.name,
		currency=target.currency,
		start_date=first,
		lock_date=target.lock_date,
		categories={},
		last_day=last,
	)


def _correct_opening(importer: Importer, target: BankAccountRecord, rows: FileRows, before: Decimal) -> None:
	"""Derive the opening balance again where it rests on this file alone, and the file was read otherwise now.

	The run must have changed amounts and nothing else, and no other balance of the bank must have been compared with
	the books: then the old opening balance was derived from the wrong amounts, and from nothing else.
	"""
	run, opening = importer.run, target.opening_balance
	after = importer.ledger.movements(target.name)
	if opening is None or target.opening_date is None or before == after or not run.updated:
		return
	checks = importer.ledger.checks(target.name)
	same = all((c.check.bank_balance, c.check.day) == (rows.balance, rows.balance_day) for c in checks)
	if checks and same and not (run.created or run.removed or run.linked):
		importer.ledger.set_opening(target.name, opening + before - after, target.opening_date)


def _prove(importer: Importer, target: BankAccountRecord, rows: FileRows, feed: Feed | None) -> None:
	"""Compare the file's closing balance with that of the ledger on its day.

	An unknown opening balance is derived from it, unless rows are missing or held.
	"""
	if rows.balance is None or rows.balance_day is None:
		return
	if target.opening_balance is None and importer.run.held:
		return
	balance = KnownBalance(rows.balance, rows.balance_day)
	if not (importer.run.held or importer.run.refused):
		correct_by_older_file(importer.ledger, target, rows.lines, balance)
	known, last = importer.ledger.bank_account(target.name), importer.last_days.get(rows.source)
	days = importer.bounded(feed).known_days if feed else None
	if is_older_export(importer.ledger, known, balance, last=last, known_days=days):
		return
	at = datetime.combine(rows.balance_day, time.max, timezone.utc)
	remote = RemoteAccount(rows.source, rows.name, "", target.currency, balance=rows.balance, balance_at=at)
	[remote] = checked_accounts([remote])
	importer.compare(AccountRecord(rows.source, "", remote, target.name), rows.balance_day)


def _cover(importer: Importer, target: BankAccountRecord, rows: FileRows, days: tuple[date, date]) -> None:
	"""Store that the file covers the days from its first row to its last one, unless some rows could not be read."""
	first, last = days
	covered = Covered(
		run=importer.run.name,
		source=rows.source,
		bank_account=target.name,
		first=first,
		last=last,
		complete=not importer.run.refused,
	)
	importer.ledger.cover([covered])
