"""Rows that a file gives several times under one id: a question, unless a balance or another source decides it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from dokos_banksync.core.batch import Batch
from dokos_banksync.core.matching.repeated_ids import first_id
from dokos_banksync.core.model import Action, Decision, MatchEvidence, Reason

REPEATED = "The file gives the row twice: it may be one transaction or two"


def ask_about_repeated(decisions: Iterable[Decision], repeated: Set[str]) -> list[Decision]:
	"""Return the decisions; a new row whose id is one of the `repeated` ones is a question."""
	return [
		made._replace(
			action=Action.HOLD, reason=Reason.AMBIGUOUS, note=REPEATED, evidence=MatchEvidence.REPEATED_ID
		)
		if made.action is Action.NEW and made.line.remote_id in repeated
		else made
		for made in decisions
	]


def with_first_rows(batch: Batch, decisions: Sequence[Decision]) -> Sequence[Decision]:
	"""Return the decisions; each about a repeated row names the bank transaction of the first one, once that is stored."""
	repeated = [made for made in decisions if made.evidence is MatchEvidence.REPEATED_ID]
	if not repeated:
		return decisions
	ids = [first_id(made.line.remote_id) for made in repeated]
	held = {one.line.remote_id: one.transaction for one in batch.lines(repeated[0].source, ids)}
	return [
		made._replace(proposed=first.name)
		if made.evidence is MatchEvidence.REPEATED_ID and (first := held.get(first_id(made.line.remote_id)))
		else made
		for made in decisions
	]
