"""Backups, restored homes, and files that are replaced while they are open."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from pathlib import Path

import pytest

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.hosts.standalone.home import prepare_home
from dokos_banksync.hosts.standalone.ledger.vault import Vault
from dokos_banksync.hosts.standalone.site import Site
from tests.hosts.standalone.cli.conftest import Terminal

OFX = """OFXHEADER:100
DATA:OFXSGML

<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR
<BANKACCTFROM><BANKID>1<ACCTID>2<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><STMTTRN><TRNTYPE>DEBIT<DTPOSTED>{0}<TRNAMT>-12.50<FITID>{1}<NAME>RENT</STMTTRN></BANKTRANLIST>
</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""


@pytest.fixture
def filled(terminal: Terminal) -> Terminal:
	"""A home with one Bank Account and one transaction of 2 November."""
	terminal("bank-accounts", "add", "Current", "--bank", "Demo Bank", "--currency", "EUR")
	add(terminal, "20261102", "A")
	return terminal


def add(terminal: Terminal, day: str, fitid: str) -> None:
	file = terminal.home.parent / f"{fitid}.ofx"
	file.write_text(OFX.format(day, fitid), "ascii")
	terminal("import", str(file), "--bank-account", "Current")


def days(terminal: Terminal) -> list[str]:
	return [row["date"] for row in terminal.json("transactions")]


def test_a_backup_of_a_site_in_use_holds_all(filled: Terminal, tmp_path: Path) -> None:
	with Site(filled.home, filled.clock) as site:  # its write-ahead log is not yet in the file
		site.ledger.add_bank("Another Bank")
		message = filled.json("backup", str(tmp_path / "b.db"))
	assert (message["transactions"], message["latest"], message["key"]) == (1, "2026-11-02", "")
	db = sqlite3.connect(tmp_path / "b.db")
	assert [name for (name,) in db.execute("SELECT name FROM bank ORDER BY 1")] == [
		"Another Bank",
		"Demo Bank",
	]
	db.close()
	assert stat.S_IMODE((tmp_path / "b.db").stat().st_mode) == 0o600
	assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("b.db")) == ["b.db"]


def test_a_restore_brings_back_what_was_there_and_keeps_what_is_replaced(
	filled: Terminal, tmp_path: Path
) -> None:
	file = str(tmp_path / "b.db")
	filled("backup", file)
	add(filled, "20261103", "B")
	message = filled.json("restore", file, "--yes")
	assert days(filled) == ["2026-11-02"]
	again = filled.json("restore", message["before"], "--yes")
	assert days(filled) == ["2026-11-03", "2026-11-02"]
	assert again["transactions"] == 2


def test_a_restore_asks_and_no_changes_nothing(filled: Terminal, tmp_path: Path) -> None:
	file = str(tmp_path / "b.db")
	filled("backup", file)
	add(filled, "20261103", "B")
	message = filled("restore", file, input="n\n", code=1)
	assert "Bank transactions: 1, until 2026-11-02" in message.output
	assert "Nothing was changed" in message.stderr
	assert "give --yes" in filled("restore", file, input="", code=1).stderr
	assert len(days(filled)) == 2


def test_an_open_site_goes_on_with_the_restored_data(filled: Terminal, tmp_path: Path) -> None:
	file = str(tmp_path / "b.db")
	filled("backup", file)
	add(filled, "20261103", "B")
	with Site(filled.home, filled.clock) as site:
		assert len(site.ledger.transactions()) == 2
		filled("restore", file, "--yes")
		assert len(site.ledger.transactions()) == 1
		site.ledger.add_bank("After")
	assert len(days(filled)) == 1


def test_a_damaged_database_is_moved_away_for_the_backup(filled: Terminal, tmp_path: Path) -> None:
	file = str(tmp_path / "b.db")
	filled("backup", file)
	database = filled.home / "banksync.db"
	database.write_bytes(b"not a database" * 1000)
	filled("transactions", code=3)
	message = filled.json("restore", file, "--yes")
	assert days(filled) == ["2026-11-02"]
	assert Path(message["before"]).read_bytes().startswith(b"not a database")


def test_the_key_goes_along_where_it_is_asked_for(filled: Terminal, tmp_path: Path) -> None:
	words = ("--type", "bridge", "--client-id", "x")
	filled("provider", "add", "bridge", *words, env={"BANKSYNC_CLIENT_SECRET": "s3cret"})
	file = tmp_path / "b.db"
	message = filled.json("backup", str(file), "--with-key")
	assert stat.S_IMODE(Path(message["key"]).stat().st_mode) == 0o600
	shutil.rmtree(filled.home)
	filled("restore", str(file), "--yes")
	with Site(filled.home, filled.clock) as site:
		assert site.ledger.subscription("bridge")[1].secrets["client_secret"].reveal() == "s3cret"


def test_a_backup_without_its_key_says_that_the_key_is_needed(
	filled: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
	file = str(tmp_path / "b.db")
	filled("backup", file)
	assert "Copy the key" not in filled("restore", file, "--yes").stdout, "the key is there"
	other = Terminal(tmp_path / "other", filled.clock)
	assert (
		f"Copy the key of the site that it was made of to {other.home / 'banksync.key'}"
		in other("restore", file, "--yes").stdout
	)
	assert days(other) == days(filled)
	monkeypatch.setenv("BANKSYNC_KEY", "given from elsewhere")
	third = Terminal(tmp_path / "third", filled.clock)
	assert "Copy the key" not in third("restore", file, "--yes").stdout


def test_a_backup_that_cannot_be_written_says_why(filled: Terminal, tmp_path: Path) -> None:
	message = filled.error("backup", str(tmp_path / "nowhere" / "b.db"), code=3)
	assert message.endswith("cannot be written (No such file or directory)")


def test_what_is_no_backup_is_refused(filled: Terminal, tmp_path: Path) -> None:
	before = filled.data()
	text = tmp_path / "text"
	text.write_text("hello" * 1000)
	sqlite3.connect(tmp_path / "other.db").executescript("CREATE TABLE t (a)")
	(tmp_path / "empty").touch()
	for name in ("text", "other.db", "empty", "nowhere"):
		filled.error("restore", str(tmp_path / name), "--yes", code=3)
	assert filled.data() == before


def test_an_existing_file_is_replaced_after_a_question_only(filled: Terminal, tmp_path: Path) -> None:
	file = tmp_path / "b.db"
	file.write_text("mine")
	filled("backup", str(file), input="n\n", code=1)
	assert file.read_text() == "mine"
	filled("backup", str(file), "--yes")
	filled("backup", str(tmp_path / "no" / "such" / "folder.db"), code=3)


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_a_database_that_is_replaced_while_open_is_noticed(
	filled: Terminal, tmp_path: Path, how: str
) -> None:
	database = filled.home / "banksync.db"
	filled("backup", str(tmp_path / "b.db"))
	with Site(filled.home, filled.clock) as site:
		site.ledger.add_bank("Before")
		if how == "deleted":
			database.unlink()
		else:
			os.replace(tmp_path / "b.db", database)
		for attempt in (lambda: site.ledger.add_bank("Lost"), site.ledger.banks):
			with pytest.raises(ConfigurationError, match="replaced or deleted while it was open"):
				attempt()


def test_a_replacement_in_the_middle_of_a_write_is_not_committed(filled: Terminal, tmp_path: Path) -> None:
	filled("backup", str(tmp_path / "b.db"))
	with Site(filled.home, filled.clock) as site:
		with pytest.raises(ConfigurationError, match="replaced or deleted"), site.ledger.db.write():
			site.ledger.db.run("DELETE FROM bank_transaction")
			os.replace(tmp_path / "b.db", filled.home / "banksync.db")
		old = site.ledger.db._local.connection
		assert old.execute("SELECT count(*) FROM bank_transaction").fetchone()[0] == 1


# -- the home folder -----------------------------------------------------------------------------------
@pytest.mark.parametrize("mode", [0o755, 0o750, 0o701, 0o702])
def test_a_home_that_others_may_enter_is_refused(terminal: Terminal, mode: int) -> None:
	terminal.home.mkdir()
	terminal.home.chmod(mode)
	assert f"chmod 700 {terminal.home}" in terminal.error("connections", code=3)
	assert list(terminal.home.iterdir()) == []
	terminal.home.chmod(0o700)
	assert prepare_home(terminal.home) == terminal.home


def test_an_empty_home_is_refused(
	terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
	monkeypatch.chdir(tmp_path)
	for words in (("--home", "", "connections"), ("connections", "--home", "  ")):
		assert "--home is empty" in terminal(*words, code=2).stderr
	assert list(tmp_path.iterdir()) == []


def test_a_stale_temporary_key_does_not_block(tmp_path: Path) -> None:
	key = tmp_path / "banksync.key"
	stale = tmp_path / f"banksync.key.{os.getpid()}.new"
	stale.write_text("half a k")
	Vault(key)
	assert stat.S_IMODE(key.stat().st_mode) == 0o600
	assert sorted(path.name for path in tmp_path.iterdir()) == ["banksync.key", stale.name]


def test_the_key_is_on_the_disk_before_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
	steps: list[str] = []
	fsync, link = os.fsync, os.link
	monkeypatch.setattr(os, "fsync", lambda handle: (steps.append("sync"), fsync(handle)))
	monkeypatch.setattr(os, "link", lambda *names: (steps.append("link"), link(*names)))
	Vault(tmp_path / "banksync.key")
	assert steps == ["sync", "link", "sync"]
