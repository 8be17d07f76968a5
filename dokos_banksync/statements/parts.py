"""Statements of a file, joined into accounts.

A file holds an account in several statements: one for each day, or one long statement in pages. Each of them is
checked against its own control values, and against the one before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from hashlib import sha256
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from dokos_banksync.core.message import Message
from dokos_banksync.core.staged_row import AMOUNT, DATE, RAW, REMOTE_ID
from dokos_banksync.statements import control
from dokos_banksync.statements.contained import without_contained
from dokos_banksync.statements.contract import Account, Balance, Evidence, Refused, Totals
from dokos_banksync.statements.control import ControlResult
from dokos_banksync.statements.identified import identified
from dokos_banksync.statements.overlaps import without_overlaps
from dokos_banksync.statements.part_lines import PartLines

FIRST_PAGE = "The first page of the statement is missing"
LAST_PAGE = "The last page of the statement is missing"
TWICE = "A statement of {0} stands in the file twice: it was read once"


@dataclass
class Part:
	"""One statement. The `remote_id` of a line is the bank's, or empty; a line's `raw` is all that it says."""

	number: str = ""
	iban: str = ""
	currency: str = ""
	lines: PartLines = field(default_factory=PartLines)
	refused: list[Refused] = field(default_factory=list)
	opening: Balance | None = None
	closing: Balance | None = None
	"""Of the statement, possibly within a day."""
	final: bool = True
	"""Whether `closing` is a balance at the end of a day, and so one of the account."""
	totals: Totals | None = None
	turnover: Decimal | None = None
	"""The sum of all amounts without their signs, as the statement gives it."""
	net: Decimal | None = None
	"""The sum of all amounts, as the statement gives it."""
	mismatches: list[str] = field(default_factory=list)
	bounded: bool = True
	"""Whether the balances enclose exactly these rows. Where not, a difference between them means nothing."""
	left_out: int = 0
	"""Rows that the totals count and that are no transactions."""
	repeated: set[str] = field(default_factory=set)
	"""Ids of rows that repeat another one under its id."""
	own_id: str = ""
	"""What names the statement among those of its account, empty where nothing does."""
	kind: str = ""
	"""What distinguishes reports, notifications and statements, which give the same rows."""
	institution: str = ""
	"""What distinguishes accounts of one number in a file: the kind of the account, the bank."""
	whole_days: bool = False
	"""Whether the closing balance is that of the end of its day."""
	continues: bool = False
	"""Whether it is a further page of a statement."""
	is_continued: bool = False
	"""Whether it says that a further page follows."""

	@property
	def key(self) -> tuple[str, str]:
		"""Return what distinguishes accounts of one file: IBAN or number, and currency."""
		return self.iban or self.number, self.currency

	@property
	def is_proven(self) -> bool:
		"""Return whether it encloses its rows by balances that agree with them."""
		balances = control.check_balances(self.lines, self.currency, self.opening, self.closing)
		return self.bounded and balances.evidence is Evidence.OPENING_AND_CLOSING

	def control_results(self) -> tuple[ControlResult, ControlResult]:
		"""Return what the balances and what the totals say."""
		balances = control.check_balances(self.lines, self.currency, self.opening, self.closing)
		if not self.bounded:
			balances = balances._replace(mismatches=())
		totals = control.check_totals(self.lines, len(self.refused) + self.left_out, self.totals)
		if balances.evidence is Evidence.NONE and not (totals.mismatches or self.refused or self.left_out):
			totals = totals._replace(mismatches=control.check_sums(self.lines, self.turnover, self.net))
		return balances, totals


class Joined(NamedTuple):
	"""The accounts of a file, and remarks on how they were joined."""

	accounts: tuple[Account, ...]
	remarks: tuple[str, ...]


def join(parts: Iterable[Part]) -> Joined:
	"""Return one account for each number, institution and currency, in the order of the file."""
	groups: dict[tuple[str, ...], list[Part]] = {}
	for part in parts:
		groups.setdefault((*part.key, part.institution), []).append(part)
	uses = Counter(key[:2] for key in groups)
	remarks: list[str] = []
	accounts = tuple(
		_named(_account(group, remarks), group[0].institution if uses[key[:2]] > 1 else "")
		for key, group in groups.items()
	)
	return Joined(accounts, tuple(remarks))


def _named(account: Account, institution: str) -> Account:
	"""Return the account; its number is followed by what distinguishes it from others of that number."""
	return replace(account, number=f"{account.number} {institution}".strip()) if institution else account


def _account(group: list[Part], remarks: list[str]) -> Account:
	parts = _in_order(without_contained(_once(group, remarks), remarks))
	control_results = [part.control_results() for part in parts]
	mismatches = [text for part in parts for text in part.mismatches]
	mismatches += [text for pair in control_results for result in pair for text in result.mismatches]
	mismatches += [*_gaps(parts), *_missing_pages(parts)]
	overlaps = without_overlaps(parts, remarks)
	mismatches += overlaps.mismatches
	refused = [row for part in parts for row in part.refused]
	lines, refused_, bank_ids, doubtful = identified(overlaps.lines, refused, remarks, overlaps.twice)
	first, last = (overlaps.proven or parts)[0], (overlaps.proven or parts)[-1]
	opening = first.opening and first.opening._replace(day=control.opening_day(first.opening.day, lines))
	evidence = _evidence(parts, control_results, mismatches)
	balance = last.closing if last.final else None
	if balance and balance.day.isoformat() in overlaps.further_days:
		balance = None  # whether it counts those rows is not known
	if balance and evidence is Evidence.OPENING_AND_CLOSING:
		balance = balance._replace(day=control.closing_day(balance.day, lines))
	return Account(
		first.number,
		first.iban,
		first.currency,
		lines=lines,
		refused=refused_,
		balance=balance,
		opening=opening,
		totals=parts[0].totals if len(parts) == 1 else None,
		evidence=evidence,
		mismatches=tuple(mismatches),
		bank_ids=bank_ids,
		repeated=doubtful.union(*(part.repeated for part in parts)),
	)


def _missing_pages(parts: Sequence[Part]) -> Iterator[str]:
	if parts[0].continues:
		yield FIRST_PAGE
	if parts[-1].is_continued:
		yield LAST_PAGE


def _once(parts: Sequence[Part], remarks: list[str]) -> list[Part]:
	"""Leave out a statement that repeats an earlier one exactly.

	Equal rows without balances, under another name of the statement, may be others: see `overlaps`.
	"""
	unique: dict[bytes, Part] = {}
	for part in parts:
		digest = _digest(part) if len(parts) > 1 else b""
		if digest in unique and (part.lines or part.refused):
			remarks.append(Message(TWICE, part.number or "–"))
		unique.setdefault(digest, part)
	return list(unique.values())


def _digest(part: Part) -> bytes:
	own = "" if part.opening and part.closing else part.own_id
	digest = sha256(repr((part.opening, part.closing, part.totals, own)).encode("utf-8", "replace"))
	for row in part.lines.rows():
		text = f"{row[DATE]}{row[AMOUNT]}{row[REMOTE_ID]}{row[RAW]}"
		digest.update(text.encode("utf-8", "replace"))
	for refused in part.refused:
		digest.update(refused.text.encode("utf-8", "replace"))
	return digest.digest()


def _in_order(parts: list[Part]) -> list[Part]:
	"""By day where all have one. The order of the file decides between equal days, or the reverse of it where only that
	leads from each balance to the next one.
	"""
	dated = [(stated.day, part) for part in parts if (stated := part.closing or part.opening)]
	if len(dated) < len(parts):
		return parts
	ordered = [part for _, part in sorted(dated, key=itemgetter(0))]
	dated.reverse()
	newest_first = [part for _, part in sorted(dated, key=itemgetter(0))]
	return newest_first if any(_gaps(ordered)) and not any(_gaps(newest_first)) else ordered


def _gaps(parts: Sequence[Part]) -> Iterator[str]:
	for before, after in pairwise(parts):
		if not (before.closing and after.opening and before.bounded and after.bounded):
			continue
		if before.closing.amount != after.opening.amount:
			yield Message(control.GAP, after.opening.amount, before.closing.amount)


def _evidence(
	parts: Sequence[Part],
	control_results: Sequence[tuple[ControlResult, ControlResult]],
	mismatches: Sequence[str],
) -> Evidence:
	"""Return the proof that holds for every statement with rows."""
	if mismatches:
		return Evidence.NONE
	pairs = [pair for part, pair in zip(parts, control_results, strict=True) if part.lines]
	if pairs and all(balances.evidence != Evidence.NONE for balances, _ in pairs):
		return Evidence.OPENING_AND_CLOSING
	if pairs and all(any(result.evidence != Evidence.NONE for result in pair) for pair in pairs):
		return Evidence.TOTALS
	return Evidence.NONE
