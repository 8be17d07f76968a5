"""The plan that a user approved: each row by a digest, compared with what would be done now."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from typing import NamedTuple

from dokos_banksync import __version__
from dokos_banksync.core.errors import Change, InvalidData, NotFound, PlanChanged
from dokos_banksync.core.model import SUPPRESSED, Action, Decision, Line, LineState, Reason


class PlanKind(str, Enum):
	"""How a row of a plan is shown to a user."""

	NEW = "Will be imported"
	ALREADY_THERE = "Already there"
	LOOK_ALIKE = "Matched to an existing transaction"
	OUTSIDE_DATES = "Before the start date"
	LOCKED = "In a locked period"
	PENDING = "Pending"
	QUESTION = "Could be one of several"
	CHANGED = "Changed at the bank"
	REMOVED = "Removed by the bank"
	OTHER = "Will not be imported"


class Planned(NamedTuple):
	"""A row of a plan. `id` is short and unique among all sources."""

	id: str
	source: str
	line: Line
	action: Action
	reason: Reason
	transaction: str
	note: str
	kind: PlanKind
	digest: str
	may_be_left_out: bool
	bank_account: str
	changes: Mapping[str, object]


class Digest(NamedTuple):
	"""A row as far as it takes to see whether it is still the same."""

	kind: str
	digest: str
	remote_id: str
	may_be_left_out: bool


@dataclass(frozen=True)
class ApprovedPlan:
	"""A plan that a user was shown, and the ids of the rows that are to be left out.

	`scope` says of what it is the plan: a connection, or a file and its bank account; `program` which program made it.
	"""

	key: str
	scope: str
	rows: Mapping[str, Digest]
	leave_out: frozenset[str] = frozenset()
	program: str = ""


_WORDS = {
	Action.NEW: PlanKind.NEW,
	Action.LINK: PlanKind.LOOK_ALIKE,
	Action.UPDATE: PlanKind.CHANGED,
	Action.REMOVE: PlanKind.REMOVED,
}
_REASONS = {
	Reason.NONE: PlanKind.ALREADY_THERE,
	Reason.AMBIGUOUS: PlanKind.QUESTION,
	Reason.BEFORE_START: PlanKind.OUTSIDE_DATES,
	Reason.LOCKED: PlanKind.LOCKED,
	Reason.PENDING: PlanKind.PENDING,
	Reason.FUTURE: PlanKind.PENDING,
}


def row_id(source: str, remote_id: str) -> str:
	"""Return the id of a planned row: a short hash of its source and its remote id.

	It is the name too of the bank transaction that a dry run would make of the row, and of the one that a row stands
	for which a user left out.
	"""
	return _short(source, remote_id)


def _short(*parts: object) -> str:
	return sha256("\0".join(map(str, parts)).encode()).hexdigest()[:16]


def planned(decisions: Sequence[Decision]) -> list[Planned]:
	"""Return the rows of a plan: everything that would be written."""
	written = [made for made in decisions if made.action is not Action.SAME]
	removed = {made.transaction for made in written if made.action is Action.REMOVE}
	linked = {made.transaction for made in written if made.action is Action.LINK}
	unstored = {row_id(made.source, made.line.remote_id) for made in written if made.action is Action.NEW}
	return [_planned(made, removed, linked, unstored) for made in written]


def _planned(
	made: Decision, removed: Collection[str], linked: Collection[str], unstored: Collection[str]
) -> Planned:
	"""`unstored` are names of bank transactions that only this plan would make."""
	kind = _WORDS.get(made.action) or _REASONS.get(made.reason, PlanKind.OTHER)
	if made.action is Action.REMOVE and made.transaction in linked:
		# The same under another id: the other row shows it.
		kind = PlanKind.ALREADY_THERE
	line = made.line
	return Planned(
		id=row_id(made.source, line.remote_id),
		source=made.source,
		line=line,
		action=made.action,
		reason=made.reason,
		transaction=""
		if made.transaction in unstored or made.reason is Reason.EXCLUDED
		else made.transaction,
		note=made.note,
		kind=kind,
		digest=_short(
			made.action.value,
			made.reason.value,
			made.transaction,
			sorted(made.changes.items()),
			line.date,
			format(line.amount.normalize(), "f"),
			line.currency,
			line.description,
			line.original,
			line.state.value,
		),
		may_be_left_out=_may_be_left_out(made, removed),
		bank_account=made.bank_account,
		changes=made.changes,
	)


def _may_be_left_out(made: Decision, removed: Collection[str]) -> bool:
	"""Not what is a bank transaction already: that would not be left out but taken away. Nor a row in another
	currency, which comes to nothing as it is, and would count among the sums of what was left out.
	"""
	if made.action is Action.LINK:
		return made.transaction not in removed
	return made.action is Action.NEW or (
		made.action is Action.HOLD
		and made.reason not in (*SUPPRESSED, Reason.CURRENCY)
		and made.transaction == ""
	)


PROGRAM = _short(
	__version__, *(word.value for words in (Action, Reason, LineState, PlanKind) for word in words)
)
"""What digests are made with. An update may change it: a row of an earlier plan then seems to be another one."""


def key_of(scope: str, rows: Iterable[Planned]) -> str:
	"""Return the key of a plan: a hash of its scope and rows, whatever their order."""
	return _short(scope, *sorted(row.id + row.digest for row in rows))


def packed(scope: str, rows: Iterable[Planned]) -> str:
	"""Return a plan as a ledger stores it, in JSON: about eighty characters for each row."""
	digests = {row.id: (row.kind.value, row.digest, row.line.remote_id, row.may_be_left_out) for row in rows}
	plan = {"scope": scope, "program": PROGRAM, "rows": digests}
	return json.dumps(plan, ensure_ascii=False, separators=(",", ":"))


def unpacked(key: str, stored: str, leave_out: Iterable[str] = ()) -> ApprovedPlan:
	"""Return the plan that `packed` made, without the rows of `leave_out`.

	Raises `NotFound` if the plan has expired or does not exist, or for an id that it does not have; `InvalidData`
	for a row that cannot be left out.
	"""
	if not stored:
		raise NotFound("There is no plan {0} any more: preview again", key)
	data = json.loads(stored)
	approved = ApprovedPlan(
		key,
		data["scope"],
		{one: Digest._make(row) for one, row in data["rows"].items()},
		leave_out=frozenset(leave_out),
		program=data.get("program", ""),
	)
	for one in sorted(approved.leave_out):
		if one not in approved.rows:
			raise NotFound("There is no row {0} in the plan", one)
		if not approved.rows[one].may_be_left_out:
			raise InvalidData(
				"{0} cannot be left out: it is a bank transaction already, or is not imported",
				approved.rows[one].remote_id,
			)
	return approved


def hold_to(approved: ApprovedPlan, rows: Iterable[Planned]) -> None:
	"""Raises `PlanChanged` where the rows are not those that were agreed to."""
	now = {row.id: row for row in rows}
	changes = [
		_change(one, approved.rows.get(one), now.get(one))
		for one in {**approved.rows, **now}
		if one not in now or one not in approved.rows or now[one].digest != approved.rows[one].digest
	]
	if changes and approved.program != PROGRAM:
		raise PlanChanged("The program was updated since the preview, and nothing was stored: preview again")
	if changes:
		raise PlanChanged(
			"{0} rows changed since the preview, and nothing was stored: preview again",
			len(changes),
			changes=changes,
		)


def _change(one: str, was: Digest | None, now: Planned | None) -> Change:
	remote_id = now.line.remote_id if now else was.remote_id if was else ""
	return Change(one, remote_id, was.kind if was else "", now.kind.value if now else "")


def left_out(made: Decision) -> Decision:
	"""Return the decision to store a row as a line without a bank transaction, also when it comes under another id."""
	suppressed_id = row_id(made.source, made.line.remote_id)
	return made._replace(
		action=Action.HOLD, reason=Reason.EXCLUDED, transaction=suppressed_id, changes={}, note=""
	)
