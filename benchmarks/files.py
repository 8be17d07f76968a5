"""Statement files into the standalone site, beside what a user would take instead: `python -m benchmarks.files [ROWS]`.

Processor time, each in a process of its own: for CSV and camt.053 of reading and of storing, with the peak of memory; for
the same CSV `hledger import`, which reads it into an empty journal; for OFX, which is read only, the tree of ofxtools.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import process_time
from typing import Any

from benchmarks.ratios import Ratio, table
from benchmarks.statements import bare_csv, bare_xml, camt, ofx, ofxtools_tree, seconds
from benchmarks.statements import table as csv_table
from dokos_banksync.actions.file_import import ImportOptions, prepare, take
from dokos_banksync.core.clock import utc_now
from dokos_banksync.hosts.standalone.ledger import SqliteLedger
from dokos_banksync.statements.contract import ReadingOptions
from dokos_banksync.statements.registry import read

ROWS = 100_000
MAKERS = {"CSV": csv_table, "camt.053": camt}
_RULES = (
	"skip 1\nseparator ;\nfields date,description,amount,currency\ndate-format %d/%m/%Y\ndecimal-mark ,\n"
)

Figures = dict[str, Any]


def stored(kind: str, rows: int) -> Figures:
	"""Import a file into an empty site; return the seconds of reading and storing, and the peak in megabytes."""
	gc.freeze()
	gc.set_threshold(100_000)  # as the command line does
	content = MAKERS[kind](rows)
	with (
		tempfile.TemporaryDirectory() as folder,
		SqliteLedger(Path(folder, "a"), Path(folder, "key")) as ledger,
	):
		ledger.add_bank_account("Account", "Bank", "EUR")
		began = process_time()
		prepared = prepare(ledger, "Account", kind, content=content, options=ImportOptions())
		was_read = process_time()
		run = take(ledger, prepared, clock=utc_now)
		ended = process_time()
	assert run.created == rows
	peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
	return {"read": was_read - began, "store": ended - was_read, "peak_mb": peak}


def apart(kind: str, rows: int) -> Figures:
	"""Return the figures of `stored` of a process of its own."""
	command = [sys.executable, "-m", "benchmarks.files", kind, str(rows)]
	done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
	found: Figures = json.loads(done.stdout)
	return found


def hledger_seconds(rows: int) -> float | None:
	"""Return the processor time of hledger's import of the CSV; None where it is not installed."""
	program = shutil.which("hledger")
	if program is None:
		return None
	with tempfile.TemporaryDirectory() as folder:
		paths = [Path(folder, name) for name in ("a.journal", "a.rules", "a.csv")]
		for path, content in zip(paths, (b"", _RULES.encode(), csv_table(rows)), strict=True):
			path.write_bytes(content)
		journal, rules, file = map(str, paths)
		command = [program, "-f", journal, "import", "--rules-file", rules, file]
		with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
			_, status, used = os.wait4(process.pid, 0)
			process.returncode = os.waitstatus_to_exitcode(status)
			assert process.stderr
			assert process.returncode == 0, process.stderr.read().decode()
		assert paths[0].read_bytes().count(b"CARTE MAGASIN") == rows
	return used.ru_utime + used.ru_stime


def ratios(rows: int) -> list[Ratio]:
	"""Measure the imports of files and their peers; print the peaks of memory."""
	found = []
	for kind, bare, peer in (
		("CSV", bare_csv, "split by csv"),
		("camt.053", bare_xml, "walked by iterparse"),
	):
		ours = apart(kind, rows)
		print(
			f"{kind}: read {ours['read']:.2f} s, stored {ours['store']:.2f} s, peak {ours['peak_mb']:.0f} MB",
			flush=True,
		)
		whole = ours["read"] + ours["store"]
		if kind == "CSV":
			theirs = hledger_seconds(rows)
			found.append(Ratio("CSV into SQLite", "hledger import", rows, whole, theirs, "20,000/s"))
		else:
			found.append(Ratio("camt.053 into SQLite", "", rows, whole, None, "20,000/s"))
		alone = seconds(bare, MAKERS[kind](rows))
		found.append(Ratio(f"{kind}, read only", peer, rows, ours["read"], alone))
	content = ofx(rows)
	tree = seconds(ofxtools_tree, content)
	mine = seconds(lambda text: read(text, ReadingOptions("EUR")), content)
	return [*found, Ratio("OFX, read only", "tree of ofxtools", rows, mine, tree)]


if __name__ == "__main__":
	if sys.argv[1:2] and sys.argv[1] in MAKERS:
		print(json.dumps(stored(sys.argv[1], int(sys.argv[2]))))
	else:
		print(table(ratios(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)))
