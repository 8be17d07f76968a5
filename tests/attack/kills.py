"""Processes that are killed in the midst of an import, and what the same command makes of it afterwards."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from tests.attack.figures import Figure

ROWS = 4000
_COMMAND = "from dokos_banksync.hosts.standalone.cli import main; main()"


def attack(kills: int, seed: int, folder: Path) -> Figure:
	"""Kill an import `kills` times at random moments, each in a new home, and compare the end with the truth."""
	chance = random.Random(seed)
	file = folder / "rows.csv"
	file.write_text("Date;Libelle;Montant\n" + "".join(_row(number) for number in range(ROWS)), "utf-8")
	whole = _home(folder, "whole")
	began = time.monotonic()
	_import(whole, file).wait()
	usual = time.monotonic() - began
	truth = _contents(whole)
	failures = [] if len(truth) == ROWS else [f"without a kill {len(truth)} of {ROWS} rows"]
	for number in range(kills):
		home = _home(folder, f"killed-{number}")
		process = _import(home, file)
		time.sleep(chance.uniform(0.2, 1.0) * usual)
		process.send_signal(signal.SIGKILL)
		process.wait()
		if _import(home, file).wait() != 0:
			failures.append(f"seed={seed} kill {number}: the same command failed afterwards")
		elif _contents(home) != truth:
			failures.append(f"seed={seed} kill {number}: other rows than without the kill")
	return Figure("kills (SIGKILL) and restarts", kills, failures)


def _row(number: int) -> str:
	"""Return a row of a bank; every tenth is equal to the one before it."""
	same = number - (number % 10 == 9)
	return f"2026-{1 + same % 11:02d}-{1 + same % 28:02d};CB MARCHAND {same % 97};-{1 + same % 200},{same % 100:02d}\n"


def _home(folder: Path, name: str) -> Path:
	home = folder / name
	_run(home, "bank-accounts", "add", "Current", "--bank", "B", "--currency", "EUR").wait()
	return home


def _import(home: Path, file: Path) -> subprocess.Popen[bytes]:
	return _run(home, "import", str(file), "--bank-account", "Current", "--column", "label=Libelle")


def _run(home: Path, *words: str) -> subprocess.Popen[bytes]:
	environ = {**os.environ, "BANKSYNC_HOME": str(home), "BANKSYNC_LANG": "en"}
	call = [sys.executable, "-c", _COMMAND, *words]
	return subprocess.Popen(call, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _contents(home: Path) -> list[tuple[object, ...]]:
	db = sqlite3.connect(home / "banksync.db")
	try:
		return sorted(db.execute("SELECT date, amount, description FROM bank_transaction"))
	finally:
		db.close()
