"""How cost grows with a history: `python -m benchmarks.growth [--large] [--huge]`.

Histories of 1,000, 10,000 and 100,000 bank transactions are imported from the sandbox bank into the standalone site, each
in a process of its own; `--large` adds a million, `--huge` ten millions. For each: processor time, statements, memory, the
size on disk by table, and what is left when the copies of the provider's answers and the journal are cleared, as Frappe's
log clearing does on a site.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.bank import bank
from dokos_banksync.hosts.standalone.home import DATABASE

SIZES = (1_000, 10_000, 100_000)
TABLES = ("bank_transaction", "sync_line", "sync_journal_entry")
_CLEARED = ("UPDATE sync_line SET raw = ''", "DELETE FROM sync_journal_entry", "VACUUM")

Figures = dict[str, Any]


def imported(rows: int, folder: Path) -> Figures:
	"""Import a history into a folder; return the figures of `benchmarks.measures`."""
	with bank() as url:
		command = [sys.executable, "-m", "benchmarks.measures", "import", url, str(rows), str(folder)]
		done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
	found: Figures = json.loads(done.stdout)
	return found


def sizes(path: Path) -> dict[str, int]:
	"""Return the bytes of the growing tables with their indexes, of `raw` in the lines, of all, and of all once cleared."""
	db = sqlite3.connect(path, isolation_level=None)
	db.create_function("fold", 1, str, deterministic=True)
	db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
	found = {name: _bytes(db, name) for name in TABLES}
	found["raw"] = db.execute("SELECT sum(length(CAST(raw AS BLOB))) FROM sync_line").fetchone()[0]
	found["all"] = _whole(db)
	for statement in _CLEARED:
		db.execute(statement)
	found["cleared"] = _whole(db)
	db.close()
	return found


def _bytes(db: sqlite3.Connection, table: str) -> int:
	query = """
		SELECT sum(s.pgsize) FROM dbstat s JOIN sqlite_master m ON m.name = s.name WHERE m.tbl_name = ?
	"""
	return int(db.execute(query, (table,)).fetchone()[0])


def _whole(db: sqlite3.Connection) -> int:
	[pages], [size] = (db.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
	return int(pages * size)


def row_of(rows: int) -> str:
	"""Measure one size; return it as a row of the table in docs/benchmarks.md."""
	with tempfile.TemporaryDirectory() as folder:
		found = imported(rows, Path(folder))
		stored = sizes(Path(folder) / DATABASE)
	empty = found["empty"]
	cells = (
		f"{rows:,}",
		f"{found['cpu'] / rows * 1_000_000:.0f} µs",
		f"{found['sql'] * 1000 / rows:.1f}",
		f"{found['peak_mb']:.0f} MB",
		f"{empty['cpu'] * 1000:.0f} ms, {empty['sql']}",
		*(f"{stored[name] / rows:,.0f}" for name in (*TABLES, "raw", "all", "cleared")),
	)
	return f"| {' | '.join(cells)} |"


HEADER = """| rows | processor time a row | statements per 1,000 | peak memory | an empty run: time, statements | bank transaction | \
line | journal | of the line: raw | all | once cleared |
|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"""


if __name__ == "__main__":
	print(HEADER)
	more = (1_000_000,) if {"--large", "--huge"} & {*sys.argv} else ()
	for size in (*SIZES, *more, *((10_000_000,) if "--huge" in sys.argv else ())):
		print(row_of(size), flush=True)
