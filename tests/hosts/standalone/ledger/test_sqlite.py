from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokos_banksync.core.errors import Busy, ConfigurationError, InvalidData
from dokos_banksync.core.model import Action, Decision, Reason, Window
from dokos_banksync.core.provider import Secret, Subscription
from dokos_banksync.core.records import CategoryChange
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.standalone.ledger import SqliteLedger, schema
from dokos_banksync.hosts.standalone.ledger.values import amount_out, money_in
from tests.hosts.standalone.ledger.build import connected_ledger
from tests.hosts.standalone.ledger.contract import CATEGORIES, DAY, NOW, LedgerContract, line, remote


class TestSqliteLedger(LedgerContract):
	@pytest.fixture
	def made(self, tmp_path):
		ledger, connection = connected_ledger(tmp_path)
		with ledger:
			yield ledger, connection

	# -- what a user does ---------------------------------------------------------------------------
	def test_what_a_user_deleted_is_remembered_by_its_line(self, ledger, store, known, source):
		store((Action.NEW, line()))
		[made] = self.transactions(ledger)
		ledger.delete_transaction(made.name)
		[remembered] = self.transactions(ledger)
		assert (remembered.name, remembered.deleted, remembered.sources) == (made.name, True, {source})
		assert (known()["1"].reason, known()["1"].transaction.deleted) == (Reason.DELETED, True)
		assert ledger.movements("Current") == 0

	def test_a_reconciled_one_cannot_be_deleted_and_outlives_its_line(self, ledger, store, known):
		store((Action.NEW, line()))
		[made] = self.transactions(ledger)
		ledger.db.run("UPDATE bank_transaction SET status = 'Reconciled'")
		with pytest.raises(InvalidData):
			ledger.delete_transaction(made.name)
		given = {"transaction": made.name, "reason": Reason.REMOVED}
		store((Action.REMOVE, line(), given))
		[kept] = self.transactions(ledger)
		assert (kept.name, kept.sources) == (made.name, frozenset())
		store((Action.NEW, line()))
		assert len(self.transactions(ledger)) == 2

	def test_lines_of_an_ended_connection_hold_no_removal_up(self, ledger, connection, store, known, run):
		store((Action.NEW, line()))
		name = known()["1"].transaction.name
		_old, successor = ledger.save_accounts(connection, [remote(), remote("successor")])
		with ledger.batch() as batch:
			batch.apply(
				run, [Decision(Action.LINK, line("2"), successor.source, "Current", transaction=name)], NOW
			)
		ledger.save_accounts(connection, [remote("successor")])
		gone = Decision(Action.REMOVE, line("2"), successor.source, "Current", Reason.REMOVED, name)
		with ledger.batch() as batch:
			batch.apply(run, [gone], NOW)
		assert self.transactions(ledger) == []

	def test_categories_of_a_user(self, ledger, store):
		ledger.change_categories("Bridge", CATEGORIES)
		store((Action.NEW, line()))
		fees = next(c for c in ledger.all_categories() if c.remote_id == "79")
		own = ledger.add_category("Coffee", fees.name)
		[row] = ledger.transactions()
		ledger.set_transaction_category(row.name, own)
		assert ledger.transactions()[0].category == "Coffee"
		assert len(ledger.transactions(category="Banque")) == 1
		ledger.delete_category(fees.name)
		assert [(c.category_name, bool(c.parent)) for c in ledger.all_categories()] == [
			("Banque", False),
			("Coffee", True),
		]
		assert next(c for c in ledger.categories("Bridge") if c.remote_id == "79").removed
		ledger.delete_category(own)
		assert ledger.transactions()[0].category == ""

	@pytest.mark.parametrize("title", ["", "  ", "Banque"])
	def test_an_empty_or_taken_title_is_refused(self, ledger, title):
		ledger.change_categories("Bridge", CATEGORIES)
		with pytest.raises(InvalidData):
			ledger.add_category(title)

	def test_a_rename_marks_the_category_as_the_users(self, ledger):
		ledger.change_categories("Bridge", [CategoryChange("", "164", "Banque", "")])
		[bank] = ledger.all_categories()
		ledger.rename_category(bank.name, "My bank")
		[bank] = ledger.all_categories()
		assert (bank.category_name, bank.edited, bank.remote_id) == ("My bank", True, "164")

	def test_a_provider_in_use_stays(self, ledger):
		with pytest.raises(InvalidData):
			ledger.remove_provider("bridge")
		ledger.add_provider(
			"Bridge", Subscription("spare", {"client_id": "id"}, {"client_secret": Secret("secret")})
		)
		ledger.remove_provider("spare")
		assert [p["name"] for p in ledger.providers()] == ["bridge"]
		assert ledger.db.value("SELECT count(*) FROM vault") == 1

	def test_a_connection_that_never_came_to_be_is_forgotten(self, ledger, connection):
		fresh = ledger.add_connection("Banque du Port", "bridge")
		for name in (fresh.name, connection):
			ledger.forget_connection(name)
		assert [c.name for c in ledger.connections()] == [connection]

	def test_an_account_that_feeds_another_bank_account_begins_anew(self, ledger, connection, store, source):
		store((Action.NEW, line()))
		ledger.add_bank_account("Other", "Banque du Port", "EUR")
		ledger.link(source, "Other", None)
		[account] = ledger.accounts(connection)
		assert (account.source != source, account.bank_account) == (True, "Other")
		assert len(self.transactions(ledger)) == 1

	@pytest.mark.parametrize("target", ["Other", ""])
	def test_an_account_that_feeds_another_bank_account_holds_no_removal_up(
		self, ledger, connection, store, known, run, source, target
	):
		store((Action.NEW, line()))
		name = known()["1"].transaction.name
		_, successor = ledger.save_accounts(connection, [remote(), remote("successor")])
		ledger.add_bank_account("Other", "Banque du Port", "EUR")
		ledger.link(source, target, None)
		ledger.link(successor.source, "Current", None)
		for action in (Action.LINK, Action.REMOVE):
			with ledger.batch() as batch:
				made = Decision(action, line("2"), successor.source, "Current", transaction=name)
				batch.apply(run, [made], NOW)
		assert self.transactions(ledger) == []

	# -- lists ----------------------------------------------------------------------------------------
	def test_pages_hold_every_row_once(self, ledger, store):
		store(*((Action.NEW, line(str(i), date=DAY - timedelta(i // 3))) for i in range(25)))
		seen, after = [], ""
		while page := ledger.transactions(after=after, limit=7):
			seen += [row.name for row in page]
			after = page[-1].key
		assert len(seen) == len(set(seen)) == 25 == ledger.count_transactions("Current")

	@pytest.mark.parametrize(
		("filters", "found"),
		[
			({"first": DAY}, {"1"}),
			({"last": DAY - timedelta(1)}, {"2"}),
			({"search": "50%"}, {"2"}),
			({"search": "CAFÉ"}, {"1"}),
			({"category": "Nothing"}, set()),
			({"bank_account": "Nobody"}, set()),
		],
	)
	def test_filters(self, ledger, store, filters, found):
		second = line("2", date=DAY - timedelta(3), description="Sale 50% off")
		store((Action.NEW, line("1")), (Action.NEW, second))
		assert {row.transaction_id for row in ledger.transactions(**filters)} == found

	def test_lines_without_a_bank_transaction_say_why(self, ledger, store):
		store((Action.NEW, line()), (Action.HOLD, line("2"), {"reason": Reason.LOCKED, "note": "closed"}))
		[row] = ledger.waiting("Current", 10)
		assert (row.remote_id, row.reason, row.note) == ("2", "In a locked period", "closed")
		assert len(ledger.lines("Current")) == 2

	# -- work per batch -------------------------------------------------------------------------------
	def test_the_calls_of_a_batch_do_not_grow_with_its_rows(self, ledger, source, run):
		def calls(count, prefix):
			lines = [line(f"{prefix}{i}", f"-{i + 1}.25") for i in range(count)]
			before = ledger.db.calls
			with ledger.batch() as batch:
				batch.lines(source, [one.remote_id for one in lines])
				batch.transactions("Current", [Window(one.amount, DAY, DAY) for one in lines])
				batch.apply(run, [Decision(Action.NEW, one, source, "Current") for one in lines], NOW)
			return ledger.db.calls - before

		calls(5, "a")  # from here on the windows find something
		assert (
			calls(5, "b") + 1 == calls(300, "c") == calls(1000, "d")
		)  # many: whether there is anything at all


# -- the file ------------------------------------------------------------------------------------------
def test_reopening_changes_nothing(tmp_path):
	ledger, connection = connected_ledger(tmp_path)
	with ledger:
		before = list(ledger.db.rows("SELECT sql FROM sqlite_master ORDER BY name"))
	with SqliteLedger(tmp_path / "banksync.db", tmp_path / "key") as again:
		assert list(again.db.rows("SELECT sql FROM sqlite_master ORDER BY name")) == before
		assert again.connection(connection).remote_id == "item-1"
		assert again.subscription("bridge")[1].secret("client_secret").reveal() == "secret"
	assert not list(tmp_path.glob("*.backup*"))


def test_an_older_database_gains_what_it_lacks_and_leaves_a_copy(tmp_path, monkeypatch):
	ledger, connection = connected_ledger(tmp_path)
	with ledger:
		ledger.db.run("ALTER TABLE sync_run DROP COLUMN refused")
	monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
	with SqliteLedger(tmp_path / "banksync.db", tmp_path / "key") as again:
		assert again.begin_run(connection, Trigger.MANUAL, NOW).refused == 0
		assert again.db.value("PRAGMA user_version") == schema.VERSION
	assert [path.name for path in tmp_path.glob("*.backup*")] == [f"banksync.db.backup-{schema.VERSION - 1}"]


def test_what_older_versions_stored_as_text_is_split_and_renamed(tmp_path):
	ledger, connection = connected_ledger(tmp_path)
	with ledger:
		runs = [ledger.begin_run(connection, Trigger.MANUAL, NOW).name for _ in range(4)]
	path = tmp_path / "banksync.db"
	for run, trigger in zip(
		runs, ("merge ACC-1 into ACC-2", "file my file.csv", "scheduled", "something else"), strict=True
	):
		_spoil(path, f"UPDATE sync_run SET trigger = '{trigger}' WHERE name = '{run}'")
	_spoil(
		path,
		"INSERT INTO sync_line (name, remote_id, reason)"
		" VALUES ('SL1', '1', 'Deleted by a person'), ('SL2', '2', 'Refused')",
	)
	_spoil(
		path,
		"INSERT INTO sync_journal_entry (name, reason, line_before)"
		""" VALUES (1, 'Left out by a person', '{"reason": "Deleted by a person"}')""",
	)
	_spoil(path, "PRAGMA user_version = 8")
	with SqliteLedger(path, tmp_path / "key") as again:
		found = [(run.trigger, run.subject, run.target) for run in map(again.run, runs)]
		assert found == [
			(Trigger.MERGE, "ACC-1", "ACC-2"),
			(Trigger.FILE, "my file.csv", ""),
			(Trigger.SCHEDULED, "", ""),
			(Trigger.MANUAL, "", ""),
		]
		assert [row["reason"] for row in again.db.rows("SELECT reason FROM sync_line ORDER BY name")] == [
			"Deleted by a user",
			"Refused",
		]
		entry = again.db.row("SELECT reason, line_before FROM sync_journal_entry")
		assert tuple(entry) == ("Left out by a user", '{"reason": "Deleted by a user"}')


def test_every_field_of_a_doctype_has_its_column(tmp_path):
	with connected_ledger(tmp_path)[0] as ledger:
		for name, definition in schema.doctypes().items():
			columns = {row[1] for row in ledger.db.rows(f"PRAGMA table_info({schema.table(name)})")}
			kept = {f["fieldname"] for f in definition["fields"] if f["fieldtype"] not in schema._NO_COLUMN}
			assert kept <= columns


def _spoil(path, statement):
	with sqlite3.connect(path) as db:
		db.execute(statement)
	db.close()


def test_a_newer_database_is_left_alone(tmp_path):
	connected_ledger(tmp_path)[0].close()
	_spoil(tmp_path / "banksync.db", "PRAGMA user_version = 99")
	with pytest.raises(ConfigurationError, match="newer version"):
		SqliteLedger(tmp_path / "banksync.db", tmp_path / "key")


def test_a_database_of_another_program_is_left_alone(tmp_path):
	_spoil(tmp_path / "banksync.db", "CREATE TABLE recipes (name TEXT)")
	with pytest.raises(ConfigurationError, match="another program"):
		SqliteLedger(tmp_path / "banksync.db", tmp_path / "key")


def test_a_damaged_database_is_named_and_left_alone(tmp_path):
	path = tmp_path / "banksync.db"
	path.write_bytes(b"not a database at all, but long enough to be read as one" * 50)
	before = path.read_bytes()
	with pytest.raises(ConfigurationError, match="put a copy back"):
		SqliteLedger(path, tmp_path / "key")
	assert path.read_bytes() == before


def test_files_are_for_their_owner_only(tmp_path):
	connected_ledger(tmp_path)[0].close()
	for name in ("banksync.db", "key"):
		assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


# -- secrets -------------------------------------------------------------------------------------------
def test_no_secret_is_in_the_file(tmp_path):
	ledger, _ = connected_ledger(tmp_path)
	with ledger:
		ledger.add_provider(
			"Bridge", Subscription("other", {"client_id": "id"}, {"client_secret": Secret("hunter2-hunter2")})
		)
	assert b"hunter2" not in (tmp_path / "banksync.db").read_bytes()


def test_another_key_asks_for_the_right_one(tmp_path, monkeypatch):
	connected_ledger(tmp_path)[0].close()
	(tmp_path / "key").unlink()
	with (
		SqliteLedger(tmp_path / "banksync.db", tmp_path / "key") as ledger,
		pytest.raises(ConfigurationError, match="another key"),
	):
		ledger.subscription("bridge")


def test_keys_rotate(tmp_path, monkeypatch):
	from cryptography.fernet import Fernet

	old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
	monkeypatch.setenv("BANKSYNC_KEY", old)
	connected_ledger(tmp_path)[0].close()
	monkeypatch.setenv("BANKSYNC_KEY", f"{new} {old}")
	with SqliteLedger(tmp_path / "banksync.db", tmp_path / "key") as ledger:
		assert ledger.subscription("bridge")[1].secret("client_secret").reveal() == "secret"
	assert not (tmp_path / "key").exists()


@pytest.mark.parametrize("text", ["short", "é"])
def test_a_key_that_is_none_is_named(tmp_path, text):
	(tmp_path / "key").write_text(text, encoding="utf-8")
	(tmp_path / "key").chmod(0o600)
	with pytest.raises(ConfigurationError, match="key"):
		SqliteLedger(tmp_path / "banksync.db", tmp_path / "key")


def test_a_key_that_others_can_read_is_refused(tmp_path):
	connected_ledger(tmp_path)[0].close()
	(tmp_path / "key").chmod(0o644)
	with pytest.raises(ConfigurationError, match="chmod 600"):
		SqliteLedger(tmp_path / "banksync.db", tmp_path / "key")


# -- several at once, and sudden ends --------------------------------------------------------------------
KILLED = """
	import os, signal, sys
	from pathlib import Path
	from dokos_banksync.core.model import Action, Decision
	from dokos_banksync.hosts.standalone.ledger import SqliteLedger
	from tests.hosts.standalone.ledger.contract import NOW, line

	folder, source, run = sys.argv[1:]
	ledger = SqliteLedger(Path(folder, "banksync.db"), Path(folder, "key"))
	with ledger.hold("c"), ledger.batch() as batch:
		batch.apply(run, [Decision(Action.NEW, line(str(i)), source, "Current") for i in range(500)], NOW)
		batch.move_cursors({source: "far"})
		os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_killed_inside_a_batch_leaves_nothing_half_written(tmp_path):
	ledger, connection = connected_ledger(tmp_path)
	with ledger:
		[account] = ledger.save_accounts(connection, [remote()])
		ledger.add_bank_account("Current", "Banque du Port", "EUR")
		ledger.link(account.source, "Current", None)
		run = ledger.begin_run(connection, Trigger.MANUAL, NOW).name
		command = [sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path), account.source, run]
		done = subprocess.run(command, check=False, env={**os.environ, "PYTHONPATH": os.getcwd()})
		assert done.returncode == -signal.SIGKILL
		assert ledger.transactions() == []
		assert ledger.lines() == []
		assert ledger.accounts(connection)[0].cursor == ""
		with ledger.hold("c"):
			pass


def test_threads_write_one_after_the_other(tmp_path):
	ledger, connection = connected_ledger(tmp_path)
	with ledger:

		def work():
			for _ in range(20):
				ledger.begin_run(connection, Trigger.MANUAL, NOW)

		threads = [threading.Thread(target=work) for _ in range(4)]
		for thread in threads:
			thread.start()
		for thread in threads:
			thread.join()
		assert len({run.name for run in ledger.runs(limit=100)}) == 80


def test_another_process_is_busy_too(tmp_path):
	ledger, connection = connected_ledger(tmp_path)
	code = "import sys; from pathlib import Path; from dokos_banksync.hosts.standalone.ledger.locks import hold\n"
	code += "with hold(Path(sys.argv[1]), sys.argv[2]): pass"
	command = [sys.executable, "-c", code, str(tmp_path / "locks"), connection]
	with ledger, ledger.hold(connection):
		message = subprocess.run(command, check=False, capture_output=True, text=True)
		assert Busy.__name__ in message.stderr
	assert subprocess.run(command, check=False).returncode == 0


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**11), max_value=10**11))
def test_money_is_stored_exactly(amount):
	assert amount_out(money_in(amount)) == amount


@pytest.mark.parametrize(("given", "shown"), [("12.5", "12.50"), ("1200", "1200.00"), ("0.0001", "0.0001")])
def test_money_shows_at_least_two_decimals(given, shown):
	assert str(amount_out(money_in(Decimal(given)))) == shown


def test_a_saved_connection_comes_back_equal(tmp_path):
	ledger, connection = connected_ledger(tmp_path)
	with ledger:
		record = replace(
			ledger.connection(connection), consent_expires_at=NOW, automatic=False, status_message="é"
		)
		ledger.save_connection(record)
		assert ledger.connection(connection) == record
