"""What every ledger that keeps a journal must do. A ledger's tests subclass it as they do `LedgerContract`."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from dokos_banksync.engine.model import Decision, LineState, Reason, Verdict
from dokos_banksync.errors import NotFound
from dokos_banksync.ledgers.review import ReviewLedger
from tests.ledgers.contract import DAY, NOW, LedgerContract, line, remote


class ReviewContract:
	current = "Current"
	ledger, connection, source = LedgerContract.ledger, LedgerContract.connection, LedgerContract.source
	run, store, known = LedgerContract.run, LedgerContract.store, LedgerContract.known

	def test_it_is_a_ledger_that_tells(self, ledger):
		assert isinstance(ledger, ReviewLedger)

	@pytest.mark.parametrize("what", ["transaction_story", "line_story"])
	def test_a_story_of_nothing_is_not_found(self, ledger, what):
		with pytest.raises(NotFound):
			getattr(ledger, what)("nobody")

	def test_a_bank_transaction_tells_where_it_came_from(self, ledger, connection, store, known, source, run):
		store((Verdict.NEW, line()))
		name = known()["1"].transaction.name
		story = ledger.transaction_story(name)
		assert (story.transaction, story.bank_account) == (known()["1"].transaction, self.current)
		assert story.created_at == NOW
		[told] = story.lines
		assert (told.line, told.source, told.transaction) == (line(), source, name)
		assert (told.connection, told.provider, told.account_name) == (connection, "bridge", "Courant")
		assert (told.file, told.first_seen_at) == ("", NOW)
		[entry] = told.entries
		assert entry[:7] == (run, "test", NOW, "New", Reason.NONE, "", name)
		assert entry.changes == {}

	def test_a_second_source_tells_by_what_it_was_recognised(self, ledger, store, known):
		store((Verdict.NEW, line()))
		name = known()["1"].transaction.name
		file = "file:0123456789abcdef"
		run = ledger.begin_run("", "file march.ofx", NOW).name
		adopted = Decision(
			Verdict.ADOPT, line("f1", party_name="Zoe"), file, self.current, transaction=name, note="Same day"
		)
		with ledger.batch() as batch:
			batch.apply(run, [adopted], NOW + timedelta(days=1))
		[feed, other] = ledger.transaction_story(name).lines
		assert (feed.file, other.file, other.connection) == ("", "march.ofx", "")
		[entry] = other.entries
		assert (entry.verdict, entry.note, entry.transaction) == ("Adopt", "Same day", name)
		assert entry.changes == {"bank_party_name": ("", "Zoe")}

	def test_changes_are_told_with_what_was_there_before(self, ledger, store, known):
		store((Verdict.NEW, line()))
		held = known()["1"]
		changes = {"amount": Decimal("5.5"), "date": DAY + timedelta(1)}
		given = {"transaction": held.transaction.name, "changes": changes}
		store((Verdict.UPDATE, line(amount="5.5", date=DAY + timedelta(1)), given))
		last = ledger.line_story(held.name).entries[-1]
		assert last.verdict == "Update"
		assert last.changes == {
			"amount": (Decimal("-3.20"), Decimal("5.50")),
			"date": (DAY.isoformat(), (DAY + timedelta(1)).isoformat()),
		}

	def test_a_held_line_tells_its_reason_and_the_bounds_of_its_account(self, ledger, store, known, source):
		ledger.link(source, self.current, DAY + timedelta(5))
		ledger.set_lock_date(self.current, DAY)
		store((Verdict.HOLD, line(), {"reason": Reason.BEFORE_START}))
		story = ledger.line_story(known()["1"].name)
		assert (story.reason, story.transaction) == (Reason.BEFORE_START, "")
		assert (story.start_date, story.lock_date) == (DAY + timedelta(5), DAY)

	def test_what_a_person_deleted_is_told(self, ledger, store, known):
		store((Verdict.NEW, line()))
		held = known()["1"]
		ledger.delete_transaction(held.transaction.name)
		story = ledger.line_story(held.name)
		assert (story.reason, story.stands_for) == (Reason.DELETED, held.transaction.name)
		assert [(e.verdict, e.trigger) for e in story.entries] == [
			("New", "test"),
			("Delete", f"delete {held.transaction.name}"),
		]

	def test_how_a_line_was_recognised_outlives_a_change_of_its_label(
		self, ledger, connection, store, known, run
	):
		store((Verdict.NEW, line()))
		name = known()["1"].transaction.name
		_, other = ledger.save_accounts(connection, [remote(), remote("second")])

		def put(verdict, given, note):
			with ledger.batch() as batch:
				made = Decision(verdict, given, other.source, self.current, transaction=name, note=note)
				batch.apply(run, [made], NOW)

		put(Verdict.ADOPT, line("x"), "Same day")
		put(Verdict.UPDATE, line("x", description="Tea"), "")
		assert ledger.transaction_story(name).lines[1].note == "Same day"

	def test_what_the_bank_took_back_is_told(self, ledger, store, known):
		store((Verdict.NEW, line()))
		held = known()["1"]
		gone = {"transaction": held.transaction.name, "reason": Reason.REMOVED}
		store((Verdict.REMOVE, line(state=LineState.REMOVED), gone))
		story = ledger.line_story(held.name)
		assert (story.line.state, story.reason) == (LineState.REMOVED, Reason.REMOVED)
		assert story.entries[-1].transaction == held.transaction.name
