"""The file under threads, rivals, and what goes wrong below SQLite."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from dokos_banksync.core.errors import Busy, ConfigurationError, InvalidData, NotFound
from dokos_banksync.core.provider import Secret, Subscription
from dokos_banksync.hosts.standalone.ledger import SqliteLedger, schema
from dokos_banksync.hosts.standalone.ledger import database as sqlite_database
from dokos_banksync.hosts.standalone.ledger.database import Database
from dokos_banksync.hosts.standalone.ledger.locks import hold
from dokos_banksync.hosts.standalone.ledger.migrations import APPLICATION
from dokos_banksync.hosts.standalone.ledger.values import fold
from tests.hosts.standalone.ledger.build import connected_ledger
from tests.hosts.standalone.ledger.contract import NOW


@pytest.fixture
def database(tmp_path):
	made = Database(tmp_path / "banksync.db")
	yield made
	made.close()


def in_thread(work):
	thread = threading.Thread(target=work)
	thread.start()
	thread.join()


# -- threads and processes -----------------------------------------------------------------------------
def test_connections_of_ended_threads_are_closed(database):
	"""A web server makes a thread for each visitor; files that stay open would end it."""
	for _ in range(20):
		in_thread(lambda: database.value("SELECT 1"))
	assert len(database._opened) <= 2
	assert database.value("SELECT 1") == 1


def test_threads_that_live_keep_their_connections(database):
	barrier = threading.Barrier(4)

	def work(_):
		database.value("SELECT 1")
		barrier.wait(10)
		return database.value("SELECT 2")

	with ThreadPoolExecutor(4) as pool:
		assert list(pool.map(work, range(4))) == [2] * 4


OPEN = """
import sys
from pathlib import Path
from dokos_banksync.hosts.standalone.ledger import SqliteLedger, schema
sys.stdin.read(1)
with SqliteLedger(Path(sys.argv[1], "banksync.db"), Path(sys.argv[1], "key")) as ledger:
	ledger.add_bank("Banque du Port")
"""


def test_processes_that_make_the_file_at_once_do_not_meet(tmp_path):
	command = [sys.executable, "-c", OPEN, str(tmp_path)]
	rivals = [subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)]
	for rival in rivals:
		rival.stdin.write(b"x")
		rival.stdin.flush()
	assert [rival.communicate()[1] for rival in rivals] == [b""] * 4


def test_a_failure_inside_a_held_run_is_not_taken_for_a_held_run(tmp_path):
	with pytest.raises(BlockingIOError), hold(tmp_path, "c"):
		raise BlockingIOError


# -- what goes wrong -----------------------------------------------------------------------------------
def test_a_file_that_stays_locked_is_busy(database, tmp_path, monkeypatch):
	monkeypatch.setattr(sqlite_database, "_WAIT_MS", 1)

	def write():
		with pytest.raises(Busy, match="in use"), database.write():
			pass

	with database.write():
		in_thread(write)


def test_a_commit_that_fails_leaves_no_transaction_open(database):
	"""Else the next write would join it and never be stored."""
	database.run("CREATE TABLE child (bank TEXT REFERENCES bank (name) DEFERRABLE INITIALLY DEFERRED)")
	with pytest.raises(sqlite3.IntegrityError), database.write():
		database.run("INSERT INTO child VALUES ('nobody')")
	with database.write():
		database.run("INSERT INTO bank (name) VALUES ('kept')")
	assert elsewhere(database, "SELECT count(*) FROM bank") == 1
	assert database.value("SELECT count(*) FROM child") == 0


def elsewhere(database, sql):
	"""What another process would read: nothing that is not committed."""
	with sqlite3.connect(database.path) as other:
		found = other.execute(sql).fetchone()[0]
	other.close()
	return found


def test_a_full_disk_is_named_and_what_was_stored_is_kept(database):
	with database.write():
		database.run("INSERT INTO bank (name) VALUES ('kept')")
	database.run(f"PRAGMA max_page_count = {database.value('PRAGMA page_count')}")
	with pytest.raises(ConfigurationError, match="full"), database.write():
		database.run_many("INSERT INTO bank (name) VALUES (?)", ((f"{i:0500d}",) for i in range(1000)))
	assert database.value("SELECT group_concat(name) FROM bank") == "kept"
	with database.write():
		database.run("UPDATE bank SET website = 'written'")


def test_pages_that_are_damaged_later_are_named(tmp_path):
	ledger, _ = connected_ledger(tmp_path)
	ledger.close()
	path = tmp_path / "banksync.db"
	whole = path.read_bytes()
	path.write_bytes(whole[:8192] + b"\x55" * (len(whole) - 8192))
	with (
		pytest.raises(ConfigurationError, match="put a copy back"),
		SqliteLedger(path, tmp_path / "key") as again,
	):
		again.connections()


def test_our_own_mistakes_keep_their_names(database):
	with pytest.raises(sqlite3.OperationalError, match="no such table"):
		database.rows("SELECT * FROM nowhere")


def test_a_folder_in_place_of_the_file_is_named(tmp_path):
	(tmp_path / "banksync.db").mkdir()
	with pytest.raises(ConfigurationError, match="choose another home folder"):
		Database(tmp_path / "banksync.db")


def test_a_lock_folder_that_cannot_be_made_is_named(tmp_path):
	(tmp_path / "locks").write_text("")
	with pytest.raises(ConfigurationError, match="BANKSYNC_HOME"):
		Database(tmp_path / "banksync.db")


@pytest.mark.parametrize(
	"statements",
	[
		["CREATE TABLE recipes (name TEXT)"],
		[
			"CREATE TABLE bank (name TEXT)",
			f"PRAGMA application_id = {APPLICATION}",
			"PRAGMA user_version = 99",
		],
	],
)
def test_a_file_that_is_refused_is_not_touched(tmp_path, statements):
	path = tmp_path / "banksync.db"
	with sqlite3.connect(path) as other:
		for statement in statements:
			other.execute(statement)
	other.close()
	before = path.read_bytes(), path.stat().st_mtime_ns
	with pytest.raises(ConfigurationError):
		Database(path)
	assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path):
	Database(tmp_path / "banksync.db").close()
	(tmp_path / "banksync.db").chmod(0o644)
	Database(tmp_path / "banksync.db").close()
	assert (tmp_path / "banksync.db").stat().st_mode & 0o777 == 0o600


def test_a_copy_that_was_cut_short_is_made_again(tmp_path, monkeypatch):
	path = tmp_path / "banksync.db"
	Database(path).close()
	with sqlite3.connect(path) as old:
		old.execute("INSERT INTO bank (name) VALUES ('kept')")
	old.close()
	name = f"banksync.db.backup-{schema.VERSION}"
	(tmp_path / f"{name}.new").write_bytes(b"half")
	monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
	Database(path).close()
	copies = sorted(path.name for path in tmp_path.glob("*.backup*"))
	assert copies == [name]
	copy = tmp_path / copies[0]
	assert copy.stat().st_mode & 0o777 == 0o600
	with sqlite3.connect(copy) as kept:
		assert kept.execute("SELECT name FROM bank").fetchall() == [("kept",)]
	kept.close()


# -- what a user changes -----------------------------------------------------------------------------
@pytest.fixture
def ledger(tmp_path):
	made, _ = connected_ledger(tmp_path)
	with made:
		yield made


def test_other_keys_take_the_place_of_the_old_ones(ledger):
	secret_store = ledger.secret_store("bridge")
	secret_store.put("token", Secret("of the old keys"), ledger.clock() + timedelta(hours=1))
	ledger.update_provider(
		Subscription("bridge", {}, {"client_secret": Secret("renewed")}, "http://127.0.0.1/")
	)
	_, keys = ledger.subscription("bridge")
	assert (keys.text("client_id"), keys.secret("client_secret").reveal(), keys.base_url) == (
		*("id", "renewed", "http://127.0.0.1/"),
	)
	ledger.update_provider(Subscription("bridge", {"client_id": "other"}), preserve_address=True)
	_, keys = ledger.subscription("bridge")
	assert (keys.text("client_id"), keys.secret("client_secret").reveal(), keys.base_url) == (
		*("other", "renewed", "http://127.0.0.1/"),
	)
	assert ledger.secret_store("bridge").get("token") is None


def test_a_counted_call_takes_one_statement_and_old_ones_do_not_pile_up(ledger):
	rate_limits = ledger.rate_limits("bridge")
	taken = []
	for minute in range(100):
		before = ledger.db.calls
		assert rate_limits.acquire("user", 3, 60, NOW + timedelta(minutes=2 * minute)) is None
		taken.append(ledger.db.calls - before)
	assert (taken[0], set(taken[1:])) == (2, {1, 2})
	assert taken.count(2) <= 5
	assert ledger.db.value("SELECT count(*) FROM provider_call") <= 22


def test_processes_that_count_at_once_share_a_limit(ledger):
	def count(_number):
		return ledger.rate_limits("bridge").acquire("user", 10, 60, NOW)

	with ThreadPoolExecutor(8) as threads:
		free = list(threads.map(count, range(40)))
	assert free.count(None) == 10
	assert {at for at in free if at} == {NOW + timedelta(seconds=60)}


def test_a_lost_key_is_mended_by_entering_the_secret_again(tmp_path):
	connected_ledger(tmp_path)[0].close()
	(tmp_path / "key").unlink()
	with SqliteLedger(tmp_path / "banksync.db", tmp_path / "key") as ledger:
		ledger.update_provider(
			Subscription("bridge", {}, {"client_secret": Secret("again")}), preserve_address=True
		)
		assert ledger.subscription("bridge")[1].secret("client_secret").reveal() == "again"


@pytest.mark.parametrize("kind", ["provider", "category", "transaction", "lock date"])
def test_what_is_not_there_cannot_be_changed(ledger, kind):
	change = {
		"provider": lambda: ledger.update_provider(Subscription("nobody", {"client_id": "x"})),
		"category": lambda: ledger.rename_category("nobody", "x"),
		"transaction": lambda: ledger.set_transaction_category("nobody", ""),
		"lock date": lambda: ledger.set_lock_date("nobody", None),
	}
	with pytest.raises(NotFound):
		change[kind]()


def test_a_bank_account_name_is_taken_once(ledger):
	ledger.add_bank_account("Current", "Banque du Port", "EUR")
	with pytest.raises(InvalidData, match="already"):
		ledger.add_bank_account("Current", "Banque du Port", "EUR")


@pytest.mark.parametrize(
	("words", "folded"), [("CAFÉ du Port", "cafe du port"), ("Œuvre", "œuvre"), ("STRASSE ß", "strasse ss")]
)
def test_words_are_searched_without_case_and_accents(words, folded):
	assert fold(words) == folded


# -- many rows ----------------------------------------------------------------------------------------
def test_rows_are_taken_from_a_generator_one_after_the_other(database):
	names = []

	def rows():
		for name in ("One", "Two"):
			names.append(name)
			yield name, name

	database.insert("Bank", ("name", "bank_name"), rows(), same={"creation": "2026-11-01"})
	assert names == ["One", "Two"]
	found = database.rows("SELECT name, bank_name, creation FROM bank ORDER BY name")
	assert [tuple(row) for row in found] == [("One", "One", "2026-11-01"), ("Two", "Two", "2026-11-01")]


def test_no_rows_are_no_statement(database):
	before = database.calls
	database.insert("Bank", ("name", "bank_name"), iter(()), same={"creation": "2026-11-01"})
	assert database.calls == before
