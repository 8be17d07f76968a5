"""What every ledger must do. A ledger's tests subclass `LedgerContract` and give the fixture `made`.

`made` is (ledger, connection): a ledger with one provider of type Bridge and one active connection.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from dokos_banksync.core.connection.recent_transactions import compare_recent, shared_transactions
from dokos_banksync.core.errors import Busy, InvalidData, NotFound
from dokos_banksync.core.message import Message
from dokos_banksync.core.model import (
	Action,
	ConnectionStatus,
	Decision,
	Line,
	LineState,
	Page,
	Reason,
	RejectedRow,
	RemoteAccount,
	Window,
)
from dokos_banksync.core.provider import NOBODY, UNATTENDED, Capabilities, Secret
from dokos_banksync.core.provider_stores import Usage
from dokos_banksync.core.records import BalanceCheck, CategoryChange, RunStatus
from dokos_banksync.core.trigger import Trigger

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=timezone.utc)
DAY = date(2026, 11, 19)
IBAN = "FR7699999000010000000001764"
CATEGORIES = [CategoryChange("", "164", "Banque", ""), CategoryChange("", "79", "Frais", "164")]


def remote(remote_id="acc", currency="EUR", iban=IBAN, balance="100.50", **more):
	return RemoteAccount(remote_id, "Courant", "checking", currency, iban, balance=Decimal(balance), **more)


def line(remote_id="1", amount="-3.20", **more):
	plain = Line("acc", remote_id, DAY, Decimal(amount), "EUR", "Cafe", "CB CAFE")
	return plain._replace(category="79", updated_at=NOW, raw='{"id": 1}')._replace(**more)


class Listing:
	"""A provider that gives these lines."""

	capabilities = Capabilities()

	def __init__(self, lines):
		self.lines = lines

	def changes(self, access, requests, context=None):
		yield Page(self.lines)


class LedgerContract:
	current = "Current"
	"""What the host calls the Bank Account of that name."""

	@pytest.fixture
	def ledger(self, made):
		return made[0]

	@pytest.fixture
	def connection(self, made):
		return made[1]

	@pytest.fixture
	def source(self, ledger, connection):
		[account] = ledger.save_accounts(connection, [remote()])
		ledger.add_bank_account("Current", "Banque du Port", "EUR", IBAN)
		ledger.link(account.source, self.current, None)
		return account.source

	@pytest.fixture
	def run(self, ledger, connection):
		return ledger.begin_run(connection, Trigger.MANUAL, NOW).name

	@pytest.fixture
	def store(self, ledger, source, run):
		def apply(*decided):
			made = [
				Decision(action, given, source, self.current, **more)
				for action, given, more in ((*one, {})[:3] for one in decided)
			]
			with ledger.batch() as batch:
				batch.apply(run, made, NOW)

		return apply

	@pytest.fixture
	def known(self, ledger, source):
		def find(*ids):
			with ledger.batch() as batch:
				return {k.line.remote_id: k for k in batch.lines(source, ids or ["1"])}

		return find

	def transactions(self, ledger, *amounts):
		with ledger.batch() as batch:
			nine = timedelta(9)
			wanted = [Window(Decimal(a), DAY - nine, DAY + nine) for a in amounts or ["-3.20"]]
			return batch.transactions(self.current, wanted)

	def test_banks_are_listed_by_name(self, ledger):
		ledger.add_bank("Banque de l'Aube")
		ledger.add_bank("Banque de l'Aube")
		assert ledger.banks().count("Banque de l'Aube") == 1
		assert "Banque du Port" in ledger.banks()

	def test_bank_transactions_are_found_in_their_windows_only(self, ledger, source, run):
		days = [DAY + timedelta(days=far) for far in (0, 10, 20)]
		lines = [line(f"{day}")._replace(date=day) for day in days]
		with ledger.batch() as batch:
			batch.apply(run, [Decision(Action.NEW, one, source, self.current) for one in lines], NOW)
			amount = lines[0].amount
			asked = [Window(amount, days[0], days[0]), Window(amount, days[2], days[2] + timedelta(days=1))]
			found = batch.transactions(self.current, [*asked, Window(-amount, days[1], days[1])])
			assert sorted(one.date for one in found) == [days[0], days[2]]
			assert batch.transactions(self.current, []) == []

	def test_days_of_rows_without_a_line_are_not_those_of_lines(self, ledger, source, run):
		later = DAY + timedelta(days=2)
		with ledger.batch() as batch:
			before = batch.days_by_hand(self.current, DAY, later)
			batch.apply(run, [Decision(Action.NEW, line("1"), source, self.current)], NOW)
			assert batch.days_by_hand(self.current, DAY, later) == before

	# -- names that nobody knows ----------------------------------------------------------------------
	@pytest.mark.parametrize(
		("what", "more"),
		[
			*(("connection", ()), ("accounts", ()), ("save_accounts", ([remote()],))),
			*(("subscription", ()), ("run", ()), ("move_account", ("nobody",))),
			*(("link", ("", None)), ("bank_account", ()), ("set_opening", (Decimal(1), DAY))),
			*(("begin_run", (Trigger.MANUAL, NOW)), ("first_day", ()), ("last_day", ()), ("movements", ())),
		],
	)
	def test_a_name_that_nobody_knows_is_not_found(self, ledger, what, more):
		with pytest.raises(NotFound):
			getattr(ledger, what)("nobody", *more)

	def test_a_link_to_no_bank_account_is_not_found_and_changes_nothing(self, ledger, connection, source):
		with pytest.raises(NotFound):
			ledger.link(source, "Nobody", DAY)
		[account] = ledger.accounts(connection)
		assert (account.bank_account, account.start_date) == (self.current, None)

	@pytest.mark.parametrize("name", ["Current", "", " "])
	def test_a_bank_account_needs_a_name_of_its_own(self, ledger, source, name):
		with pytest.raises(InvalidData):
			ledger.add_bank_account(name, "Banque du Port", "EUR")

	# -- access ---------------------------------------------------------------------------------------
	def test_keys_come_back_as_they_were_given(self, ledger):
		kind, keys = ledger.subscription("bridge")
		assert (kind, keys.text("client_id"), keys.secret("client_secret").reveal()) == (
			"Bridge",
			"id",
			"secret",
		)
		assert "'client_secret': Secret(…)" in repr(keys)

	def test_a_secret_expires(self, ledger):
		secret_store = ledger.secret_store("bridge")
		secret_store.put("token", Secret("abc"), ledger.clock() + timedelta(hours=1))
		secret_store.put("old", Secret("abc"), ledger.clock() - timedelta(seconds=1))
		for store in (secret_store, ledger.secret_store("bridge")):
			assert store.get("token").reveal() == "abc"
			assert store.get("old") is None
		secret_store.forget("token")
		assert secret_store.get("token") is None
		assert ledger.secret_store("bridge").get("token") is None

	def test_several_secrets_are_read_at_once(self, ledger):
		made, hour = ledger.secret_store("bridge"), ledger.clock() + timedelta(hours=1)
		made.put("token", Secret("abc"), hour)
		made.put("old", Secret("def"), ledger.clock() - timedelta(seconds=1))
		made.put("Token", Secret("ghi"), hour)
		read = ledger.secret_store("bridge")
		read.preload(("token", "old", "none"))
		made.forget("token")
		assert read.get("token").reveal() == "abc"
		assert (read.get("old"), read.get("none")) == (None, None)
		assert read.get("Token").reveal() == "ghi"
		read.put("token", Secret("later"), hour)
		assert read.get("token").reveal() == ledger.secret_store("bridge").get("token").reveal() == "later"

	def test_the_subscription_of_a_connection_is_that_of_its_provider(self, ledger, connection):
		ledger.secret_store("bridge").put("token", Secret("abc"), ledger.clock() + timedelta(hours=1))
		for kind, keys in (ledger.subscription_of(connection), ledger.subscription("bridge")):
			assert (kind, keys.name, keys.text("client_id")) == ("Bridge", "bridge", "id")
			assert (set(keys.secrets), keys.secret("client_secret").reveal()) == ({"client_secret"}, "secret")
		with pytest.raises(NotFound, match="no connection SYNC-CONN-99999"):
			ledger.subscription_of("SYNC-CONN-99999")
		with pytest.raises(NotFound, match="no provider"):
			ledger.subscription("none")

	def test_a_full_limit_says_when_the_next_call_may_go(self, ledger):
		rate_limits = ledger.rate_limits("bridge")
		for second in range(3):
			assert rate_limits.acquire("user", 3, 60, NOW + timedelta(seconds=second)) is None
		assert rate_limits.acquire("other", 3, 60, NOW) is None
		refused = rate_limits.acquire("user", 3, 60, NOW + timedelta(seconds=10))
		assert refused == NOW + timedelta(seconds=60)
		assert rate_limits.acquire("user", 3, 60, NOW + timedelta(seconds=61)) is None

	def test_what_the_provider_says_of_a_limit_replaces_the_count(self, ledger):
		rate_limits, now = ledger.rate_limits("bridge"), ledger.clock()
		assert rate_limits.acquire("user", 4, 86_400, now) is None
		stated = Usage("user", 7, 10, now + timedelta(hours=3))
		rate_limits.state(stated, 86_400)
		assert ledger.usage("bridge") == [stated]
		assert rate_limits.acquire("user", 10, 86_400, now) is None
		assert rate_limits.acquire("user", 4, 86_400, now) == stated.resets_at
		rate_limits.state(stated._replace(used=0), 86_400)
		assert ledger.usage("bridge") == []

	def test_what_the_provider_said_of_a_limit_ends_when_it_said_so(self, ledger):
		rate_limits, now = ledger.rate_limits("bridge"), ledger.clock()
		rate_limits.state(Usage("user", 4, 4, now - timedelta(seconds=1)), 86_400)
		assert ledger.usage("bridge") == []
		assert rate_limits.acquire("user", 4, 86_400, now) is None

	def test_a_clock_that_was_ahead_and_is_set_back_blocks_nobody(self, ledger):
		rate_limits = ledger.rate_limits("bridge")
		for _ in range(3):
			assert rate_limits.acquire("user", 3, 60, NOW + timedelta(days=1)) is None
		assert rate_limits.acquire("user", 3, 60, NOW) is None

	# -- grants ---------------------------------------------------------------------------------------
	@pytest.fixture
	def grant(self, ledger, connection):
		ledger.forget_grant(connection)
		yield ledger.grant(connection)
		ledger.forget_grant(connection)

	def test_a_grant_is_read_as_it_was_written(self, ledger, connection, grant):
		assert grant.read() is None
		assert grant.write(None, Secret("first é"))
		assert ledger.grant(connection).read().reveal() == "first é"

	def test_a_grant_is_replaced_only_while_it_is_the_expected_one(self, grant):
		assert grant.write(None, Secret("first"))
		assert not grant.write(None, Secret("second"))
		assert not grant.write(Secret("another"), Secret("second"))
		assert grant.read().reveal() == "first"
		assert grant.write(Secret("first"), Secret("second"))
		assert grant.read().reveal() == "second"

	def test_a_grant_may_be_long(self, grant):
		assert grant.write(None, Secret("token " * 2_000))
		assert len(grant.read().reveal()) == 12_000

	def test_a_grant_is_read_and_written_inside_its_lock(self, grant):
		for number in range(2):
			with grant.lock():
				assert grant.write(grant.read(), Secret(f"{number}"))
		assert grant.read().reveal() == "1"

	def test_each_connection_has_a_grant_of_its_own(self, ledger, grant):
		other = ledger.add_connection("Another", "bridge").name
		assert grant.write(None, Secret("ours"))
		assert ledger.grant(other).read() is None
		ledger.forget_grant(other)
		assert grant.read().reveal() == "ours"

	def test_a_forgotten_grant_is_gone_and_forgetting_it_again_is_harmless(self, ledger, connection, grant):
		assert grant.write(None, Secret("first"))
		ledger.forget_grant(connection)
		ledger.forget_grant(connection)
		assert grant.read() is None
		assert not grant.write(Secret("first"), Secret("second"))

	def test_a_grant_outlives_what_its_provider_keeps_for_a_while(self, ledger, grant):
		assert grant.write(None, Secret("first"))
		ledger.secret_store("bridge").put("token", Secret("abc"), ledger.clock() - timedelta(days=400))
		assert ledger.secret_store("bridge").get("token") is None
		assert grant.read().reveal() == "first"

	# -- connections and accounts ---------------------------------------------------------------------
	def test_a_connection_keeps_its_state(self, ledger, connection):
		record = ledger.connection(connection)
		assert (record.status, record.remote_id) == (ConnectionStatus.ACTIVE, "item-1")
		assert [c.name for c in ledger.connections("Banque du Port")] == [connection]
		assert ledger.connections("Another") == []

	def test_accounts_are_known_again_and_those_gone_are_marked(self, ledger, connection, source):
		both = ledger.save_accounts(connection, [remote(balance="7"), remote("new")])
		assert [(a.source == source, a.bank_account) for a in both] == [(True, self.current), (False, "")]
		assert both[0].remote.balance == 7
		[new, old] = ledger.save_accounts(connection, [remote("new")])
		assert (new.remote.remote_id, new.gone, old.gone, old.bank_account) == (
			"new",
			False,
			True,
			self.current,
		)

	def test_a_missing_balance_stays_missing(self, ledger, connection):
		bare = RemoteAccount("loan", "Prêt", "loan", "EUR", enabled=False, details={"rate": "2.1"})
		[account] = ledger.save_accounts(connection, [bare])
		assert account.remote == bare

	def test_a_balance_added_up_in_binary_fractions_is_no_failure(self, ledger, connection):
		[account] = ledger.save_accounts(connection, [remote(balance="12.340000000000002")])
		assert account.remote.balance == Decimal("12.34")

	def test_an_earlier_start_or_another_bank_account_reads_anew(self, ledger, connection, source):
		def cursor_after(bank_account, start):
			with ledger.batch() as batch:
				batch.move_cursors({source: "c"})
			ledger.link(source, bank_account, start)
			return next(a.cursor for a in ledger.accounts(connection))

		other = ledger.add_bank_account("Other", "Banque du Port", "EUR").name
		assert cursor_after(self.current, DAY) == "c"
		assert cursor_after(self.current, DAY + timedelta(1)) == "c"
		assert cursor_after(self.current, DAY) == ""
		assert cursor_after(self.current, None) == ""
		assert cursor_after(other, None) == ""

	def test_a_link_moves_whole(self, ledger, connection, source):
		old, new = ledger.save_accounts(connection, [remote(), remote("successor")])
		ledger.link(source, self.current, DAY)
		ledger.move_account(old.source, new.source)
		old, new = ledger.accounts(connection)
		assert (old.bank_account, new.bank_account, new.start_date) == ("", self.current, DAY)

	def test_an_account_continues_under_another_id_of_the_provider(self, ledger, connection, source):
		old, new = ledger.save_accounts(connection, [remote(), remote("successor")])
		ledger.link(old.source, self.current, DAY)
		with ledger.batch() as batch:
			batch.move_cursors({old.source: "c"})
		ledger.continue_account(old.source, new.source)
		known = {one.source: one for one in ledger.accounts(connection)}
		now, before = known[old.source], known[new.source]
		assert (now.remote.remote_id, now.bank_account, now.start_date, now.cursor) == (
			"successor",
			self.current,
			DAY,
			"",
		)
		assert (before.remote.remote_id, before.bank_account) == (old.remote.remote_id, "")

	def test_an_account_with_lines_of_its_own_only_takes_the_link(self, ledger, connection, source, store):
		store((Action.NEW, line()))
		first, other = ledger.save_accounts(connection, [remote(), remote("other")])
		ledger.link(source, "", None)
		ledger.link(other.source, self.current, DAY)
		ledger.continue_account(other.source, source)
		known = {one.source: one for one in ledger.accounts(connection)}
		assert (known[source].remote.remote_id, known[source].bank_account) == (
			first.remote.remote_id,
			self.current,
		)
		assert (known[other.source].remote.remote_id, known[other.source].bank_account) == ("other", "")

	def test_a_bank_account_is_found_by_its_iban_when_only_one_has_it(self, ledger, source):
		assert ledger.find_bank_account("Banque du Port", IBAN, "EUR") == self.current
		assert (
			ledger.find_bank_account("Banque du Port", "FR76 9999 9000 0100 0000 0001 764", "EUR")
			== self.current
		)
		assert ledger.find_bank_account("Banque du Port", IBAN, "USD") == ""
		ledger.add_bank_account("Twin", "Banque du Port", "EUR", IBAN)
		assert ledger.find_bank_account("Banque du Port", IBAN, "EUR") == ""

	# -- lines and bank transactions ------------------------------------------------------------------
	def test_a_new_line_becomes_a_bank_transaction(self, ledger, store, known, source):
		ledger.change_categories("Bridge", CATEGORIES)
		store((Action.NEW, line()))
		held = known()["1"]
		assert held.line == line()
		assert held.transaction.amount == Decimal("-3.20")
		assert held.transaction.sources == {source}
		assert held.transaction.category == next(
			c.name for c in ledger.categories("Bridge") if c.remote_id == "79"
		)
		assert (ledger.first_day(self.current), ledger.last_day(self.current)) == (DAY, DAY)
		assert ledger.movements(self.current) == Decimal("-3.20")
		assert ledger.movements(self.current, before=DAY) == 0

	def test_a_line_comes_back_whole(self, store, known):
		full = line(
			state=LineState.FUTURE,
			value_date=DAY,
			transaction_date=DAY - timedelta(1),
			kind="card",
			party_name="Zoë",
			party_iban=IBAN,
			reference="R",
		)
		store((Action.HOLD, full, {"reason": Reason.FUTURE}))
		held = known()["1"]
		assert (held.line, held.reason, held.transaction) == (full, Reason.FUTURE, None)

	def test_a_second_source_is_linked_and_changes_nothing(self, ledger, connection, store, run):
		store((Action.NEW, line()))
		[first] = self.transactions(ledger)
		_, other = ledger.save_accounts(connection, [remote(), remote("second")])
		linked = Decision(
			Action.LINK, line("x", description="?"), other.source, self.current, transaction=first.name
		)
		with ledger.batch() as batch:
			batch.apply(run, [linked], NOW)
		[both] = self.transactions(ledger)
		assert both.sources == first.sources | {other.source}
		assert both._replace(sources=first.sources) == first

	def test_changes_are_written(self, ledger, store, known):
		store((Action.NEW, line()))
		name = known()["1"].transaction.name
		changes = {"amount": Decimal("5.5"), "date": DAY + timedelta(1), "description": "Tea", "category": ""}
		store((Action.UPDATE, line(amount="5.5"), {"transaction": name, "changes": changes}))
		[found] = self.transactions(ledger, "5.5")
		assert (found.date, found.description, found.category) == (DAY + timedelta(1), "Tea", "")

	def test_what_the_bank_takes_back_goes(self, ledger, store, known):
		store((Action.NEW, line()))
		gone = line(state=LineState.REMOVED)
		given = {"transaction": known()["1"].transaction.name, "reason": Reason.REMOVED}
		store((Action.REMOVE, gone, given))
		assert self.transactions(ledger) == []
		assert (known()["1"].line.state, known()["1"].reason) == (LineState.REMOVED, Reason.REMOVED)

	def test_a_linked_bank_transaction_outlives_the_line_it_came_of(self, ledger, store, known, source):
		store((Action.NEW, line()))
		name = known()["1"].transaction.name
		store(
			(Action.LINK, line("2"), {"transaction": name}),
			(Action.REMOVE, line(state=LineState.REMOVED), {"transaction": name, "reason": Reason.REMOVED}),
		)
		[kept] = self.transactions(ledger)
		assert (kept.name, kept.sources) == (name, {source})
		assert known("2")["2"].transaction.name == name

	def test_a_line_that_was_removed_may_come_back(self, ledger, store, known):
		store((Action.NEW, line()))
		given = {"transaction": known()["1"].transaction.name, "reason": Reason.REMOVED}
		store((Action.REMOVE, line(state=LineState.REMOVED), given))
		store((Action.NEW, line()))
		assert len(self.transactions(ledger)) == 1

	def test_a_tombstone_leaves_its_source_free_once_the_bank_has_taken_its_line_back(
		self, ledger, store, source
	):
		given = {"reason": Reason.DELETED, "transaction": "T"}
		store((Action.HOLD, line(), given), (Action.HOLD, line("2"), {**given, "transaction": "U"}))
		assert [t.sources for t in self.transactions(ledger)] == [{source}] * 2
		store((Action.HOLD, line(state=LineState.REMOVED), given))
		free = {t.name: t.sources for t in self.transactions(ledger)}
		assert free == {"T": frozenset(), "U": {source}}

	def test_lines_that_wait_are_found_by_their_reason(self, ledger, store, source):
		store(
			(Action.HOLD, line("1"), {"reason": Reason.LOCKED}),
			(Action.HOLD, line("2"), {"reason": Reason.BEFORE_START}),
		)
		with ledger.batch() as batch:
			assert [k.line.remote_id for k in batch.held(source, [Reason.LOCKED])] == ["1"]

	def test_a_refused_row_is_stored_once_and_never_over_a_good_line(self, ledger, store, known, source, run):
		store((Action.NEW, line()))
		rows = [RejectedRow("acc", "1", "no amount", "{}"), RejectedRow("acc", "", "no id", '{"x": 1}')]
		for _ in range(2):
			with ledger.batch() as batch:
				batch.refuse(run, source, rows, NOW)
				assert len(batch.held(source, [Reason.REFUSED])) == 2
		assert known()["1"].transaction

	def test_an_error_inside_a_batch_leaves_nothing(self, ledger, run, source, known):
		with pytest.raises(ZeroDivisionError), ledger.batch() as batch:
			batch.apply(run, [Decision(Action.HOLD, line(), source, self.current, Reason.LOCKED)], NOW)
			batch.move_cursors({source: "moved"})
			raise ZeroDivisionError
		assert known() == {}

	def test_one_line_never_makes_two_bank_transactions(self, ledger, store):
		store((Action.NEW, line()))
		with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
			store((Action.NEW, line()))
		assert len(self.transactions(ledger)) == 1

	@pytest.mark.parametrize(
		"amount", ["0.00001", "99999999999999999999", "1e999999", "NaN", "Infinity", f"1.{'0' * 40}1"]
	)
	def test_an_amount_that_cannot_be_stored_exactly_is_refused(self, ledger, store, amount):
		with pytest.raises(InvalidData):
			store((Action.NEW, line(amount=amount)))
		assert ledger.movements(self.current) == 0

	def test_lines_that_have_a_bank_transaction_are_found_from_a_day_on(self, ledger, store, source):
		store(
			(Action.NEW, line("old", date=DAY - timedelta(3))),
			(Action.NEW, line("on the day", "-9")),
			(Action.HOLD, line("waits"), {"reason": Reason.LOCKED}),
		)
		[found] = ledger.linked(source, DAY)
		assert (found.line.remote_id, found.transaction.amount) == ("on the day", Decimal(-9))
		assert len(ledger.linked(source, DAY - timedelta(3))) == 2
		assert ledger.linked("another", DAY - timedelta(3)) == []

	# -- statement files ------------------------------------------------------------------------------
	def test_lines_of_a_file_have_no_connection_and_are_known_by_their_source(self, ledger, source):
		file = "file:0123456789abcdef"
		run = ledger.begin_run("", Trigger.FILE, NOW, "a.csv")
		given = line(category="")._replace(remote_account=file)
		with ledger.batch() as batch:
			batch.apply(run.name, [Decision(Action.NEW, given, file, self.current)], NOW)
			batch.refuse(run.name, file, [RejectedRow("", "k", "Row 2: no", "?")], NOW, self.current)
			[known] = batch.lines(file, ["1"])
			[refused] = batch.held(file, [Reason.REFUSED])
		assert (known.line, known.transaction.sources) == (given, {file})
		assert refused.line.remote_id == "k"
		assert ledger.run(run.name).connection == ""
		assert ledger.file_account(file) == self.current
		assert ledger.file_account("file:0") == ""

	def test_a_file_keeps_what_a_feed_takes_back(self, ledger, store, source, known):
		store((Action.NEW, line()))
		name = known()["1"].transaction.name
		file = "file:0123456789abcdef"
		run = ledger.begin_run("", Trigger.FILE, NOW, "a.csv").name
		linked = Decision(Action.LINK, line("f1"), file, self.current, transaction=name)
		with ledger.batch() as batch:
			batch.apply(run, [linked], NOW)
		gone = line(state=LineState.REMOVED)
		store((Action.REMOVE, gone, {"transaction": name, "reason": Reason.REMOVED}))
		assert [t.name for t in self.transactions(ledger)] == [name]

	def test_a_mapping_is_stored_per_bank_and_header(self, ledger, source):
		assert ledger.mapping("Banque du Port", "s1") == {}
		ledger.store_mapping("Banque du Port", "s1", {"date": "Tag"})
		ledger.store_mapping("Banque du Port", "s1", {"date": "Date opération"})
		assert ledger.mapping("Banque du Port", "s1") == {"date": "Date opération"}
		assert ledger.mapping("Banque du Port", "s2") == ledger.mapping("Other", "s1") == {}

	# -- runs -----------------------------------------------------------------------------------------
	def test_a_run_keeps_its_counts_and_checks(self, ledger, connection):
		run = ledger.begin_run(connection, Trigger.MANUAL, NOW)
		run.created, run.status, run.ended_at = 3, RunStatus.SUCCESS, NOW
		zero = Decimal("0.00")
		run.checks = [BalanceCheck(self.current, "EUR", zero, Decimal("1.5"), Decimal("1.5"), zero, True)]
		ledger.save_run(run)
		assert ledger.run(run.name) == run

	def test_a_run_that_was_killed_is_closed_by_the_next(self, ledger, connection):
		first = ledger.begin_run(connection, Trigger.MANUAL, NOW)
		ledger.begin_run(connection, Trigger.MANUAL, NOW + timedelta(hours=1))
		closed = ledger.run(first.name)
		assert (closed.status, closed.ended_at) == ("Failed", NOW + timedelta(hours=1))
		assert "Interrupted" in closed.error_message

	def test_a_connection_says_whether_it_has_an_open_run(self, ledger, connection):
		assert not ledger.connection(connection, with_runs=True).has_open_run
		run = ledger.begin_run(connection, Trigger.MANUAL, NOW, may_be_open=False)
		assert ledger.connection(connection, with_runs=True).has_open_run
		assert ledger.connection(connection).has_open_run  # it was not asked
		run.status, run.ended_at = RunStatus.SUCCESS, NOW
		ledger.save_run(run)
		assert not ledger.connection(connection, with_runs=True).has_open_run

	def test_an_account_with_its_first_day_and_sum(self, ledger, source, run):
		lines = [line("1", "-10.00"), line("2", "4.50", date=DAY + timedelta(2))]
		made = ledger.bank_account(self.current)
		assert ledger.extent(self.current) == (made, None, Decimal(0))
		with ledger.batch() as batch:
			batch.apply(run, [Decision(Action.NEW, one, source, self.current) for one in lines], NOW)
		assert ledger.extent(self.current) == (made, DAY, Decimal("-5.50"))
		assert ledger.extent(self.current, before=DAY + timedelta(2)) == (made, DAY, Decimal("-10.00"))
		assert ledger.extent(self.current, before=DAY) == (made, DAY, Decimal(0))
		with pytest.raises(NotFound):
			ledger.extent("none")

	def test_a_few_lines_are_read_with_whether_any_waits(self, ledger, source, run):
		def stored(*ids: str) -> tuple[list[str], bool]:
			known, any_held = ledger.stored_lines(source, ids, (Reason.LOCKED, Reason.HOST))
			return sorted(one.line.remote_id for one in known), any_held

		def hold(remote_id: str, reason: Reason) -> None:
			held = Decision(Action.HOLD, line(remote_id), source, self.current, reason=reason)
			with ledger.batch() as batch:
				batch.apply(run, [held], NOW)

		assert stored("1") == stored() == ([], True)  # it is not known
		with ledger.batch() as batch:
			batch.apply(run, [Decision(Action.NEW, line("1"), source, self.current)], NOW)
		hold("2", Reason.PENDING)
		assert stored("1", "3") == (["1"], False)
		hold("3", Reason.LOCKED)
		assert stored("1", "2") == (["1", "2"], True)

	def test_the_message_of_a_run_keeps_its_template_and_values(self, ledger, connection):
		run = ledger.begin_run(connection, Trigger.MANUAL, NOW)
		why = InvalidData("{0} is not an amount", "1\N{POUND SIGN}").message
		run.error_message = Message("Row {0}: {1}", 4, why)
		ledger.save_run(run)
		stored = ledger.run(run.name).error_message
		assert stored == run.error_message == "Row 4: 1\N{POUND SIGN} is not an amount"
		assert (stored.template, stored.values) == ("Row {0}: {1}", ("4", why))
		assert stored.values[1].template == "{0} is not an amount"
		ledger.save_run(replace(run, error_message="The bank is closed"))
		assert ledger.run(run.name).error_message.values == ()

	def test_the_message_of_a_connection_keeps_its_template_and_values(self, ledger, connection):
		message = Message("{0} is closed", "Banque <b>du</b> Port")
		ledger.save_connection(replace(ledger.connection(connection), status_message=message))
		stored = ledger.connection(connection).status_message
		assert (stored.template, len(stored.values)) == ("{0} is closed", 1)
		assert stored == "{0} is closed".replace("{0}", stored.values[0])

	def test_the_note_of_a_rejected_row_keeps_its_template_and_values(self, ledger, source, run):
		reason = InvalidData("{0} is not an amount", "<b>&lt;").message
		with ledger.batch() as batch:
			batch.refuse(run, source, [RejectedRow("acc", "1", reason, "{}")], NOW)
			[held] = batch.held(source, [Reason.REFUSED])
		note = ledger.line_story(held.name).note
		assert (note, note.template, note.values) == (reason, "{0} is not an amount", ("<b>&lt;",))

	def test_a_run_knows_what_it_is_about(self, ledger):
		run = ledger.begin_run("", Trigger.FILE, NOW, "a.csv")
		other = ledger.begin_run("", Trigger.FILE, NOW, "b.csv")
		assert (ledger.run(run.name).trigger, ledger.run(run.name).subject) == (Trigger.FILE, "a.csv")
		assert [ledger.run(one.name).status for one in (run, other)] == ["Running", "Running"]
		ledger.begin_run("", Trigger.FILE, NOW, "a.csv")
		assert [ledger.run(one.name).status for one in (run, other)] == ["Failed", "Running"]

	def test_one_run_at_a_time(self, ledger, connection):
		with ledger.hold(connection), pytest.raises(Busy), ledger.hold(connection):
			pass
		with ledger.hold(connection), ledger.hold("another"):
			pass

	# -- categories -----------------------------------------------------------------------------------
	def test_a_tree_is_kept_with_its_parents(self, ledger):
		ledger.change_categories("Bridge", CATEGORIES)
		by_id = {c.remote_id: c for c in ledger.categories("Bridge")}
		assert by_id["79"].parent == by_id["164"].name
		ledger.change_categories("Bridge", [CategoryChange(by_id["79"].name, "79", "Fees", "")])
		[fees] = [c for c in ledger.categories("Bridge") if c.remote_id == "79"]
		assert (fees.category_name, fees.parent, fees.edited) == ("Fees", "", False)

	def test_what_another_run_or_a_user_did_meanwhile_goes_first(self, ledger):
		"""Two connections of one provider plan the same new tree at the same time."""
		for _ in range(2):
			ledger.change_categories("Bridge", CATEGORIES)
		message = [c for c in ledger.categories("Bridge") if c.remote_id in ("79", "164")]
		kept = {c.remote_id: c for c in message}
		assert len(kept) == len(message) == 2
		ledger.rename_category(kept["79"].name, "Mine")
		ledger.delete_category(kept["164"].name)
		ledger.change_categories("Bridge", CATEGORIES)
		after = {c.remote_id: c for c in ledger.categories("Bridge")}
		assert (after["79"].category_name, after["164"].removed) == ("Mine", True)

	def test_recent_transactions_of_a_new_connection_find_the_bank_account_that_holds_them(
		self, ledger, source, store
	):
		days = [DAY - timedelta(days=number) for number in range(4)]
		given = [line(f"{n}", amount=f"-{n + 1}.20", date=day) for n, day in enumerate(days)]
		store(*((Action.NEW, one) for one in given))
		ledger.link(source, "", None)
		second = ledger.add_connection("Banque du Port", "bridge")
		ledger.save_accounts(second.name, [remote("other", iban="")])
		again = [one._replace(remote_account="other", remote_id=f"x{one.remote_id}") for one in given]
		again.append(line("new", "-77.00", remote_account="other", date=DAY))
		compare_recent(ledger, Listing(again), second, access=NOBODY, context=UNATTENDED)
		[new] = ledger.accounts(second.name)
		assert shared_transactions(ledger, second, new) == {self.current: (4, 5)}
