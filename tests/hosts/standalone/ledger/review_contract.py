"""What every ledger that keeps a journal must do. A ledger's tests subclass it as they do `LedgerContract`.

They also have a fixture `clear_run`, which deletes a run as the log clearing of the host does.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.core.model import SUPPRESSED, Action, Decision, LineState, Reason, Window
from dokos_banksync.core.records import BalanceCheck, Covered, RunStatus
from dokos_banksync.core.review.questions import answer, questions
from dokos_banksync.core.trigger import Trigger
from tests.hosts.standalone.ledger.contract import DAY, NOW, LedgerContract, line, remote


class ReviewContract:
	current = "Current"
	keeps_parties = True
	"""Has the host's bank transaction a place for who paid?"""
	stamps_by_itself = False
	"""Does the host say when a document was made?"""
	ledger, connection, source = LedgerContract.ledger, LedgerContract.connection, LedgerContract.source
	run, store, known = LedgerContract.run, LedgerContract.store, LedgerContract.known

	@pytest.mark.parametrize("what", ["transaction_story", "line_story"])
	def test_a_story_of_nothing_is_not_found(self, ledger, what):
		with pytest.raises(NotFound):
			getattr(ledger, what)("nobody")

	def test_a_bank_transaction_shows_where_it_came_from(self, ledger, connection, store, known, source, run):
		store((Action.NEW, line()))
		name = known()["1"].transaction.name
		story = ledger.transaction_story(name)
		assert (story.transaction, story.bank_account) == (known()["1"].transaction, self.current)
		assert story.created_at == NOW or self.stamps_by_itself
		[message] = story.lines
		assert (message.line, message.source, message.transaction) == (line(), source, name)
		assert (message.connection, message.provider, message.account_name) == (
			connection,
			"bridge",
			"Courant",
		)
		assert (message.file, message.first_seen_at) == ("", NOW)
		[entry] = message.entries
		assert entry[:7] == (run, Trigger.MANUAL, NOW, "New", Reason.NONE, "", name)
		assert entry.changes == {}

	def test_a_second_source_shows_by_what_it_was_recognised(self, ledger, store, known):
		store((Action.NEW, line()))
		name = known()["1"].transaction.name
		file = "file:0123456789abcdef"
		run = ledger.begin_run("", Trigger.FILE, NOW, "march.ofx").name
		linked = Decision(
			Action.LINK, line("f1", party_name="Zoe"), file, self.current, transaction=name, note="Same day"
		)
		with ledger.batch() as batch:
			batch.apply(run, [linked], NOW + timedelta(days=1))
		[feed, other] = ledger.transaction_story(name).lines
		assert (feed.file, other.file, other.connection) == ("", "march.ofx", "")
		[entry] = other.entries
		assert (entry.action, entry.note, entry.transaction) == ("Link", "Same day", name)
		assert entry.changes == ({"bank_party_name": ("", "Zoe")} if self.keeps_parties else {})

	def test_changes_are_reported_with_what_was_there_before(self, ledger, store, known):
		store((Action.NEW, line()))
		held = known()["1"]
		changes = {"amount": Decimal("5.5"), "date": DAY + timedelta(1)}
		given = {"transaction": held.transaction.name, "changes": changes}
		store((Action.UPDATE, line(amount="5.5", date=DAY + timedelta(1)), given))
		last = ledger.line_story(held.name).entries[-1]
		assert last.action == "Update"
		assert last.changes == {
			"amount": (Decimal("-3.20"), Decimal("5.50")),
			"date": (DAY.isoformat(), (DAY + timedelta(1)).isoformat()),
		}

	def test_a_held_line_shows_its_reason_and_the_bounds_of_its_account(self, ledger, store, known, source):
		ledger.link(source, self.current, DAY + timedelta(5))
		ledger.set_lock_date(self.current, DAY)
		store((Action.HOLD, line(), {"reason": Reason.BEFORE_START}))
		story = ledger.line_story(known()["1"].name)
		assert (story.reason, story.transaction) == (Reason.BEFORE_START, "")
		assert (story.start_date, story.lock_date) == (DAY + timedelta(5), DAY)

	def test_what_a_user_deleted_is_reported(self, ledger, store, known):
		store((Action.NEW, line()))
		held = known()["1"]
		ledger.delete_transaction(held.transaction.name)
		story = ledger.line_story(held.name)
		assert (story.reason, story.suppressed_transaction) == (Reason.DELETED, held.transaction.name)
		assert [(e.action, e.trigger, e.subject) for e in story.entries] == [
			("New", Trigger.MANUAL, ""),
			("Delete", Trigger.DELETE, held.transaction.name),
		]

	def test_how_a_line_was_recognised_outlives_a_change_of_its_label(
		self, ledger, connection, store, known, run
	):
		store((Action.NEW, line()))
		name = known()["1"].transaction.name
		_, other = ledger.save_accounts(connection, [remote(), remote("second")])

		def put(action, given, note):
			with ledger.batch() as batch:
				made = Decision(action, given, other.source, self.current, transaction=name, note=note)
				batch.apply(run, [made], NOW)

		put(Action.LINK, line("x"), "Same day")
		put(Action.UPDATE, line("x", description="Tea"), "")
		assert ledger.transaction_story(name).lines[1].note == "Same day"

	def test_what_the_bank_took_back_is_reported(self, ledger, store, known):
		store((Action.NEW, line()))
		held = known()["1"]
		gone = {"transaction": held.transaction.name, "reason": Reason.REMOVED}
		store((Action.REMOVE, line(state=LineState.REMOVED), gone))
		story = ledger.line_story(held.name)
		assert (story.line.state, story.reason) == (LineState.REMOVED, Reason.REMOVED)
		assert story.entries[-1].transaction == held.transaction.name

	# -- lines of a source ----------------------------------------------------------------------------
	def test_linked_lines_are_those_with_a_bank_transaction_from_a_day_on(self, ledger, store, source):
		store(
			(Action.NEW, line("1", date=DAY - timedelta(1))),
			(Action.NEW, line("2")),
			(Action.HOLD, line("3"), {"reason": Reason.LOCKED}),
		)
		assert [k.line.remote_id for k in ledger.linked(source, DAY)] == ["2"]
		assert ledger.linked("nobody", DAY) == []

	# -- questions and plans --------------------------------------------------------------------------
	def test_questions_are_the_lines_that_wait_for_an_answer(self, ledger, store, known, source):
		elsewhere = ledger.questions()  # on a site in use
		store(
			(Action.HOLD, line("1", date=DAY + timedelta(1)), {"reason": Reason.AMBIGUOUS}),
			(Action.HOLD, line("2"), {"reason": Reason.AMBIGUOUS}),
			(Action.HOLD, line("3"), {"reason": Reason.LOCKED}),
			(Action.NEW, line("4")),
		)
		asked = ledger.questions(self.current)
		assert [one.line for one in asked] == [line("2"), line("1", date=DAY + timedelta(1))]
		assert asked[0] == (known("2")["2"].name, line("2"), source, self.current, "", "")
		assert [one for one in ledger.questions() if one not in elsewhere] == asked
		assert ledger.questions("Other") == []

	def test_a_line_that_waits_is_answered_undone_and_answered_again(self, ledger, store, known):
		store((Action.HOLD, line(), {"reason": Reason.AMBIGUOUS, "note": "Why"}))
		[name] = [one.name for one in ledger.questions(self.current)]
		run = answer(ledger, name, "", lambda: NOW)
		assert (run.status, run.created) == ("Success", 1)
		made = known()["1"].transaction.name
		assert ledger.questions(self.current) == []
		undone = ledger.undo(run.name)
		assert [one.name for one in ledger.questions(self.current)] == [name]
		assert ledger.movements(self.current) == 0
		ledger.undo(undone.run.name)
		assert (known()["1"].transaction.name, ledger.questions(self.current)) == (made, [])

	def test_a_line_that_waits_is_linked_to_what_a_user_names(self, ledger, connection, store, known, run):
		store((Action.HOLD, line(), {"reason": Reason.AMBIGUOUS}))
		_, other = ledger.save_accounts(connection, [remote(), remote("second")])
		with ledger.batch() as batch:
			batch.apply(run, [Decision(Action.NEW, line("x"), other.source, self.current)], NOW)
		[question] = questions(ledger, self.current)
		[candidate] = question.candidates
		assert (question.line, candidate.known.sources) == (line(), {other.source})
		answered = answer(ledger, question.name, candidate.known.name, lambda: NOW)
		assert (answered.linked, known()["1"].transaction.name) == (1, candidate.known.name)
		assert ledger.movements(self.current) == Decimal("-3.20")
		assert ledger.line_story(question.name).entries[-1].note == "A user decided it"
		ledger.undo(answered.name)
		assert [one.name for one in questions(ledger, self.current)] == [question.name]

	def test_open_questions_and_excluded_lines_are_separate(self, ledger, store):
		store(
			(Action.HOLD, line("1", amount="9"), {"reason": Reason.AMBIGUOUS}),
			(Action.HOLD, line("2", amount="8"), {"reason": Reason.EXCLUDED}),
		)
		assert {(item.amount, item.reason) for item in ledger.unmatched(self.current)} == {
			(Decimal("9.00"), Reason.AMBIGUOUS),
			(Decimal("8.00"), Reason.EXCLUDED),
		}

	def test_suppressed_lines_are_held_with_their_transaction(self, ledger, store, pair, known, source):
		ledger.merge(*pair)
		store((Action.HOLD, line("3", amount="7"), {"reason": Reason.EXCLUDED, "transaction": "left out x"}))
		ledger.remove(pair[0])
		with ledger.batch() as batch:
			away = {k.line.remote_id: k for k in batch.held(source, SUPPRESSED)}
		assert {one: (k.reason, k.transaction.name) for one, k in away.items()} == {
			"1": (Reason.DELETED, pair[0]),
			"2": (Reason.DUPLICATE, pair[0]),
			"3": (Reason.EXCLUDED, "left out x"),
		}
		assert all(k.transaction.deleted for k in away.values())

	def test_what_was_left_out_suppressed_transaction_what_is_listed_under_another_id(
		self, ledger, store, source
	):
		store((Action.HOLD, line(), {"reason": Reason.EXCLUDED, "transaction": "left out x"}))
		with ledger.batch() as batch:
			[known] = batch.transactions(self.current, [Window(line().amount, DAY, DAY)])
		assert (known.name, known.deleted, known.sources) == ("left out x", True, {source})
		assert known.left_out

	def test_a_plan_that_was_shown_is_remembered(self, ledger):
		assert ledger.stored_plan("k") == ""
		ledger.store_plan("k", "first", NOW)
		ledger.store_plan("k", "rows" * 100_000, NOW)
		ledger.store_plan("other", "x", NOW + timedelta(hours=20))
		assert ledger.stored_plan("k") == "rows" * 100_000

	# -- duplicates -----------------------------------------------------------------------------------
	@pytest.fixture
	def pair(self, ledger, store, known):
		"""Two bank transactions of one amount, the second with a counter-party."""
		store((Action.NEW, line("1")), (Action.NEW, line("2", party_name="Zoe")))
		held = known("1", "2")
		return held["1"].transaction.name, held["2"].transaction.name

	def names(self, ledger):
		return sorted(row.name for row in ledger.near(self.current))

	def test_near_transactions_come_by_place_and_day(self, ledger, store):
		store(
			(Action.NEW, line("1", date=DAY + timedelta(3))),
			(Action.NEW, line("2")),
			(Action.NEW, line("3", amount="9")),
			(Action.NEW, line("4", date=DAY + timedelta(20))),
		)
		rows = list(ledger.near(self.current))
		assert [row.day - rows[0].day for row in rows] == [0, 3]
		assert len({row.place for row in rows}) == 1
		assert rows[0].place[:2] == (self.current, "EUR")
		assert list(ledger.near(self.current, DAY + timedelta(1))) == []
		assert list(ledger.near("Other")) == []

	def test_two_of_one_id_of_the_provider_are_found(self, ledger, connection, store, run, pair):
		assert ledger.same_ids(self.current) == []
		_, other = ledger.save_accounts(connection, [remote(), remote("second")])
		with ledger.batch() as batch:
			batch.apply(run, [Decision(Action.NEW, line("1"), other.source, self.current)], NOW)
		[same] = ledger.same_ids(self.current)
		assert pair[0] in same
		assert len(same) == 2
		assert ledger.same_ids(self.current, DAY + timedelta(1)) == []

	def test_candidates_are_reported_whole(self, ledger, pair, source):
		[one] = ledger.candidates([pair[1], "nobody"])
		assert (one.known.name, one.known.sources, one.bank_account) == (pair[1], {source}, self.current)
		assert one.transaction_id == "2"

	def test_merged_one_stays_and_gains_what_it_lacks(self, ledger, pair, known):
		keep, other = pair
		run = ledger.merge(keep, other)
		assert (run.status, self.names(ledger)) == ("Success", [])
		assert ledger.movements(self.current) == Decimal("-3.20")
		assert (known("2")["2"].reason, known("2")["2"].transaction.name) == (Reason.DUPLICATE, keep)
		ledger.undo(run.name)
		assert self.names(ledger) == sorted(pair)
		assert known("2")["2"].transaction.name == other

	def test_the_other_line_of_a_merged_one_carries_it_on(self, ledger, store, pair, known):
		keep, other = pair
		ledger.merge(keep, other)
		gone = {"transaction": keep, "reason": Reason.REMOVED}
		store((Action.REMOVE, line("1", state=LineState.REMOVED), gone))
		assert known("2")["2"].transaction.name == keep
		store((Action.REMOVE, line("2", state=LineState.REMOVED), gone))
		assert ledger.movements(self.current) == 0

	def test_what_is_not_one_is_not_merged(self, ledger, store, pair, known):
		store((Action.NEW, line("3", amount="9")))
		with pytest.raises(InvalidData):
			ledger.merge(pair[0], known("3")["3"].transaction.name)
		with pytest.raises(InvalidData):
			ledger.merge(pair[0], pair[0])
		with pytest.raises(NotFound):
			ledger.merge(pair[0], "nobody")
		assert self.names(ledger) == sorted(pair)

	def test_removed_and_brought_back(self, ledger, pair, known):
		run = ledger.remove(pair[0])
		assert known()["1"].reason is Reason.DELETED
		undone = ledger.undo(run.name)
		assert (undone.not_undone, known()["1"].transaction.name) == ([], pair[0])
		ledger.undo(undone.run.name)
		assert known()["1"].reason is Reason.DELETED

	def test_nothing_is_deleted_or_merged_in_a_closed_period(self, ledger, pair):
		ledger.set_lock_date(self.current, DAY)
		with pytest.raises(InvalidData, match="closed period"):
			ledger.remove(pair[0])
		with pytest.raises(InvalidData, match="closed period"):
			ledger.merge(*pair)
		assert self.names(ledger) == sorted(pair)

	def test_what_the_bank_removes_in_a_closed_period_stays_and_is_named(self, ledger, store, known):
		store((Action.NEW, line("1")), (Action.NEW, line("2", date=DAY + timedelta(1))))
		first, second = (known(one)[one].transaction.name for one in ("1", "2"))
		ledger.set_lock_date(self.current, DAY)
		for one, name in (("1", first), ("2", second)):
			gone = line(one, state=LineState.REMOVED)
			store((Action.REMOVE, gone, {"transaction": name, "reason": Reason.REMOVED}))
		assert ledger.movements(self.current) == line("1").amount
		[item] = ledger.unmatched(self.current)
		assert (item.name, item.reason) == (first, Reason.REMOVED)
		ledger.set_lock_date(self.current, None)
		[item] = ledger.unmatched(self.current)
		assert (item.name, item.reason) == (first, Reason.NONE)

	def test_nothing_comes_back_into_a_closed_period(self, ledger, pair):
		run = ledger.remove(pair[0])
		ledger.set_lock_date(self.current, DAY)
		with pytest.raises(InvalidData, match="closed period"):
			ledger.undo(run.name)
		ledger.set_lock_date(self.current, DAY - timedelta(1))
		assert ledger.undo(run.name).not_undone == []

	def test_a_line_that_comes_again_after_its_bank_transaction_went_to_another_makes_a_new_one(
		self, ledger, store, known
	):
		"""The origin of the first one is free by then: it is unique."""
		store((Action.NEW, line("1")))
		name = known()["1"].transaction.name
		gone = {"transaction": name, "reason": Reason.REMOVED}
		store(
			(Action.REMOVE, line("1", state=LineState.REMOVED), gone),
			(Action.LINK, line("2"), {"transaction": name}),
		)
		store((Action.NEW, line("1")))
		assert known("2")["2"].transaction.name == name
		assert known()["1"].transaction.name != name
		assert ledger.movements(self.current) == Decimal("-6.40")

	def test_pairs_that_are_two(self, ledger, pair):
		one, other = sorted(pair)
		ledger.mark_distinct(other, one)
		assert ledger.separate_pairs() == {(one, other)}
		ledger.mark_distinct(one, other, separate_pairs=False)
		assert ledger.separate_pairs() == frozenset()

	# -- undo -----------------------------------------------------------------------------------------
	def test_a_run_is_undone_and_done_again(self, ledger, store, known, run):
		store((Action.NEW, line()))
		ledger.save_run(replace(ledger.run(run), status=RunStatus.SUCCESS))
		name = known()["1"].transaction.name
		undone = ledger.undo(run)
		assert (undone.run.removed, ledger.movements(self.current)) == (1, 0)
		assert known()["1"].reason is Reason.UNDONE
		ledger.undo(undone.run.name)
		assert known()["1"].transaction.name == name
		assert ledger.movements(self.current) == Decimal("-3.20")

	def test_an_undone_run_may_come_again(self, ledger, connection, store, known, run, source):
		store((Action.NEW, line()))
		with ledger.batch() as batch:
			batch.move_cursors({source: "c"})
		ledger.save_run(replace(ledger.run(run), status=RunStatus.SUCCESS))
		ledger.undo(run, again=True)
		assert (known(), ledger.accounts(connection)[0].cursor) == ({}, "")

	def test_nothing_to_undo(self, ledger, run):
		with pytest.raises(InvalidData, match="running"):
			ledger.undo(run)
		ledger.save_run(replace(ledger.run(run), status=RunStatus.SUCCESS))
		with pytest.raises(InvalidData, match="nothing"):
			ledger.undo(run)
		with pytest.raises(NotFound):
			ledger.undo("nobody")

	# -- proof ----------------------------------------------------------------------------------------
	def test_days_that_were_asked_for_are_kept(self, ledger, source, run):
		asked = [
			Covered(run, source, self.current, DAY, DAY + timedelta(3), complete=True),
			Covered(run, source, self.current, DAY + timedelta(4), DAY + timedelta(4), complete=False),
		]
		ledger.cover(asked)
		assert ledger.covered(self.current) == asked
		assert ledger.covered("Other") == []

	def test_the_last_day_that_was_asked_for_with_success(self, ledger, connection, source, run):
		ledger.link(source, self.current, None)
		assert ledger.accounts(connection)[0].read_until is None
		days = [
			(DAY, DAY + timedelta(3), True),
			(DAY, DAY + timedelta(1), True),
			(DAY, DAY + timedelta(9), False),
		]
		ledger.cover([Covered(run, source, self.current, *one) for one in days])
		ledger.cover([Covered(run, "another", self.current, DAY, DAY + timedelta(8), complete=True)])
		ledger.cover([Covered(run, source, "another", DAY, DAY + timedelta(7), complete=True)])
		assert ledger.accounts(connection)[0].read_until == DAY + timedelta(3)
		ledger.link(source, "", None)
		assert ledger.accounts(connection)[0].read_until is None

	def test_checks_come_in_the_order_of_their_runs(self, ledger, connection, source):
		zero = Decimal("0.00")
		for hour in (5, 1):
			run = ledger.begin_run(connection, Trigger.MANUAL, NOW + timedelta(hours=hour))
			run.status, run.ended_at = RunStatus.SUCCESS, run.started_at
			run.checks = [BalanceCheck(self.current, "EUR", zero, zero, zero, zero, complete=True)]
			ledger.save_run(run)
		assert [one.at for one in ledger.checks(self.current)] == [NOW + timedelta(hours=h) for h in (5, 1)]
		assert ledger.checks("Other") == []

	def test_checks_stay_with_an_account_when_its_connection_feeds_it_no_more(
		self, ledger, connection, source
	):
		zero = Decimal("0.00")
		run = ledger.begin_run(connection, Trigger.MANUAL, NOW)
		ledger.cover([Covered(run.name, source, self.current, DAY, DAY, complete=True)])
		run.status, run.ended_at = RunStatus.SUCCESS, run.started_at
		run.checks = [BalanceCheck(self.current, "EUR", zero, zero, zero, zero, complete=True)]
		ledger.save_run(run)
		ledger.link(source, "", None)
		assert [one.run for one in ledger.checks(self.current)] == [run.name]

	def test_what_stands_apart_is_what_only_one_side_counts(self, ledger, store, pair):
		store((Action.HOLD, line("4", amount="9"), {"reason": Reason.PENDING}))
		assert ledger.unmatched(self.current) == []
		ledger.remove(pair[0])
		[item] = ledger.unmatched(self.current)
		assert (item.day, item.amount, item.reason) == (DAY, Decimal("-3.20"), Reason.DELETED)
		assert item.since is not None

	def test_the_turnover_of_days(self, ledger, store):
		store(
			(Action.NEW, line("1")),
			(Action.NEW, line("2", amount="10")),
			(Action.NEW, line("3", date=DAY + timedelta(2))),
		)
		message = ledger.turnover(self.current, DAY, DAY + timedelta(1))
		assert message == [(DAY, Decimal(10), Decimal("-3.20"), 2)]

	def test_what_is_announced_is_reported_while_its_account_feeds(self, ledger, store, source):
		store(
			(Action.HOLD, line("1", date=DAY + timedelta(1)), {"reason": Reason.PENDING}),
			(Action.HOLD, line("2", state=LineState.FUTURE), {"reason": Reason.FUTURE}),
			(Action.HOLD, line("3"), {"reason": Reason.LOCKED}),
			(Action.NEW, line("4")),
		)
		message = ledger.announced(self.current)
		assert [(one.line.remote_id, one.source, one.bank_account) for one in message] == [
			("2", source, self.current),
			("1", source, self.current),
		]
		assert ledger.announced("Other") == []
		ledger.link(source, "", None)
		assert ledger.announced(self.current) == []

	def test_what_came_after_an_instant(self, ledger, store):
		store((Action.NEW, line()))
		before, after = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
		assert ledger.booked_since(self.current, before, DAY)
		assert not ledger.booked_since(self.current, after, DAY)
		assert not ledger.booked_since(self.current, before, DAY - timedelta(1))
		assert not ledger.booked_since("Other", before, DAY)

	def test_a_run_that_the_host_has_cleared_still_booked_after_an_instant(
		self, ledger, store, run, clear_run
	):
		store((Action.NEW, line()))
		clear_run(run)
		booked = datetime.now(timezone.utc) if self.stamps_by_itself else NOW
		before, after = booked - timedelta(hours=1), booked + timedelta(hours=1)
		assert ledger.booked_since(self.current, before, DAY)
		assert not ledger.booked_since(self.current, after, DAY)
