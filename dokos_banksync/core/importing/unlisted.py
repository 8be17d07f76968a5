"""Bank transactions of an account's earlier id that the account does not list under its present id.

When an account comes back under another id, its rows have other ids too, and the provider reports nothing about the old
ones any more. What the bank has removed or changed in between would stay in the books: a user is asked about it.
"""

from __future__ import annotations

from collections.abc import Iterable

from dokos_banksync.core.importing.plan import Feed
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.model import Action, Decision, ExistingLine, Reason
from dokos_banksync.core.provider import Clock
from dokos_banksync.core.records import RunRecord

NOTE = "The bank does not list it under the new id of the account"


def ask_about_unlisted(ledger: Ledger, run: RunRecord, feeds: Iterable[Feed], clock: Clock) -> None:
	"""Turn rows of earlier accounts that the present ones do not list into questions, and count them as changed.

	Every day that the present account has listed is compared, its first one included, each time that it brings something
	new; the last day may be incomplete and waits until a later one is listed. Rows that a user was asked about are not
	asked about again.
	"""
	if not (run.created or run.linked or run.updated or run.removed):
		return
	for feed in feeds:
		with ledger.batch() as batch:
			decisions = [_question(feed, held) for held in batch.unlisted(feed.bank_account, feed.source)]
			if decisions:
				batch.apply(run.name, decisions, clock())
				run.updated += len(decisions)


def _question(feed: Feed, held: ExistingLine) -> Decision:
	assert held.transaction is not None  # noqa: S101
	return Decision(
		action=Action.UPDATE,
		line=held.line,
		source=held.source,
		bank_account=feed.bank_account,
		reason=Reason.UNLISTED,
		transaction=held.transaction.name,
		known=held.name,
		note=NOTE,
	)
