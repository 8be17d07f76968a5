"""Matching lines by what they say against many bank transactions, beside one indexed join of the same tables.

python -m benchmarks.matching [KNOWN [LINES]]
"""

from __future__ import annotations

import gc
import random
import resource
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from time import process_time

from benchmarks.duplicates import _LINE, _PUT, START, YEARS, Row, _line, _transaction
from benchmarks.ratios import Ratio
from dokos_banksync.core.importing.file_import import FileRows, import_rows
from dokos_banksync.core.model import Decision, Line
from dokos_banksync.hosts.standalone.ledger import SqliteLedger

KNOWN, LINES = 1_000_000, 100_000
NEW_OF_TEN = 3
ACCOUNT, EMPTY = "Account", "Empty"
_JOIN = """
	SELECT l.remote_id, t.* FROM temp.line l CROSS JOIN bank_transaction t INDEXED BY transaction_match
	ON t.bank_account = ? AND t.amount = l.amount AND t.date BETWEEN l.first AND l.last
"""


def history(rows: int, chance: random.Random) -> list[Row]:
	"""What one account holds: prices that come again, a few labels each."""
	return [
		(number, ACCOUNT, "feed", START.date() + timedelta(days=came), amount, label, came)
		for number in range(rows)
		for came in [chance.randrange(365 * YEARS)]
		for amount in [-min(int(chance.paretovariate(0.6) * 300), 10_000_00) * 100]
		for label in [f"CB SHOP {chance.randrange(5_000)}"]
	]


def listed_again(known: list[Row], lines: int, chance: random.Random) -> list[Line]:
	"""Lines of another source: most are known, under other ids; three of ten are new."""
	return [
		Line(
			"",
			f"file {number}",
			day,
			Decimal(amount + (1_000_000_00 if number % 10 < NEW_OF_TEN else 0)).scaleb(-4),
			"EUR",
			label.lower(),
			label.lower(),
		)
		for number, (_, _, _, day, amount, label, _) in enumerate(chance.sample(known, lines))
	]


def fill(ledger: SqliteLedger, known: Iterable[Row]) -> None:
	"""Store the known transactions, with a line each, in a Bank Account of their own."""
	ledger.add_bank_account(ACCOUNT, "Bank", "EUR")
	with ledger.db.write():
		ledger.db.run_many(_PUT, (_transaction(*one) for one in known))
		ledger.db.run_many(_LINE, (_line(*one) for one in known))


def floor(ledger: SqliteLedger, lines: list[Line]) -> tuple[float, int]:
	"""The lines put into a table, joined, and the rows read."""
	begun = process_time()
	ledger.db.run("CREATE TEMP TABLE line (remote_id TEXT, amount INTEGER, first TEXT, last TEXT)")
	near = timedelta(days=4)
	ledger.db.run_many(
		"INSERT INTO temp.line VALUES (?, ?, ?, ?)",
		(
			(x.remote_id, int(x.amount.scaleb(4)), (x.date - near).isoformat(), (x.date + near).isoformat())
			for x in lines
		),
	)
	found = sum(1 for _ in ledger.db.rows(_JOIN, (ACCOUNT,)))
	return process_time() - begun, found


def _dry_run(ledger: SqliteLedger, account: str, rows: FileRows, show: Callable[[Decision], None]) -> float:
	"""Return the processor time of the whole dry run of a file: checked, staged, matched and planned."""
	begun = process_time()
	import_rows(ledger, account, rows, clock=ledger.clock, preview=show)
	return process_time() - begun


def main(known: int, lines: int) -> Ratio:
	"""Measure, print beside the floor, and return the ratio."""
	chance = random.Random(1)
	with (
		tempfile.TemporaryDirectory() as folder,
		SqliteLedger(Path(folder) / "banksync.db", Path(folder) / "key") as ledger,
	):
		held = history(known, chance)
		fill(ledger, held)
		listed = listed_again(held, lines, chance)
		del held
		took, candidates = floor(ledger, listed)
		before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
		actions: Counter[str] = Counter()

		def count(decision: Decision) -> None:
			actions[decision.action.value] += 1

		ledger.add_bank_account(EMPTY, "Bank", "EUR")
		rows = FileRows("statement", "file:benchmark", listed)
		unmatched = _dry_run(ledger, EMPTY, rows, lambda _: None)
		calls = ledger.db.calls
		ours = _dry_run(ledger, ACCOUNT, rows, count)
		peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
		calls = ledger.db.calls - calls
	print(f"{lines:,} lines against {known:,} bank transactions of one account")
	print(f"  {'one indexed join':24} {took:8.2f} s  {candidates:,} rows")
	print(f"  {'matching':24} {ours:8.2f} s  {dict(actions)}")
	print(f"  {'with nothing to match':24} {unmatched:8.2f} s  the same into an empty Bank Account")
	print(f"  {'the rest over the join':24} {(ours - unmatched) / took:8.2f}")
	print(f"  {'over the join':24} {ours / took:8.2f}     {calls} SQL calls, {peak:.0f} MB more at the peak")
	return Ratio(f"matching against {known:,}", "one indexed join", lines, ours, took, "3 times")


if __name__ == "__main__":
	gc.freeze()
	gc.set_threshold(100_000)  # as the command line does
	main(*(int(word) for word in (sys.argv[1:] or [str(KNOWN), str(LINES)])))
