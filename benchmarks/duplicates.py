"""Finding duplicates among many bank transactions, beside a plain GROUP BY of the same table in the same run.

python -m benchmarks.duplicates [ROWS]
"""

from __future__ import annotations

import gc
import random
import resource
import sys
import tempfile
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from time import process_time

from benchmarks.ratios import Ratio
from dokos_banksync.core.review.duplicates import find
from dokos_banksync.hosts.standalone.ledger import SqliteLedger

ROWS = 1_000_000
ACCOUNTS, YEARS, DOUBLES = 20, 5, 1_000
START = datetime(2026, 1, 1, tzinfo=timezone.utc)
_PLAIN = """
	SELECT count(*) FROM (
		SELECT 1 FROM bank_transaction GROUP BY bank_account, currency, amount, date HAVING count(*) > 1
	)
"""
_PUT = """
	INSERT INTO bank_transaction (name, creation, modified, date, bank_account, deposit, withdrawal, currency,
		description, origin, transaction_id, status, unallocated_amount)
	VALUES (?, ?, ?, ?, ?, ?, ?, 'EUR', ?, ?, ?, 'Unreconciled', ?)
"""
_LINE = """
	INSERT INTO sync_line (name, source, remote_id, bank_account, date, amount, currency, description, original,
		state, bank_transaction)
	VALUES (?, ?, ?, ?, ?, ?, 'EUR', ?, ?, 'Booked', ?)
"""


def fill(ledger: SqliteLedger, rows: int) -> None:
	"""Transactions as users have them: prices that come again, a few labels each; some told twice by a file."""
	for number in range(ACCOUNTS):
		ledger.add_bank_account(f"Account {number}", "Bank", "EUR")
	chance = random.Random(1)
	made = [_row(chance, number) for number in range(rows - DOUBLES)]
	made += [_double(one, rows + number) for number, one in enumerate(chance.sample(made, DOUBLES))]
	with ledger.db.write():
		ledger.db.run_many(_PUT, (_transaction(*one) for one in made))
		ledger.db.run_many(_LINE, (_line(*one) for one in made))


Row = tuple[int, str, str, date, int, str, int]


def _row(chance: random.Random, number: int) -> Row:
	"""Number, account, source, day, amount, label, and the day on which it came."""
	account = number % ACCOUNTS
	came = chance.randrange(365 * YEARS)
	day = START.date() + timedelta(days=came)
	amount = -min(int(chance.paretovariate(0.6) * 300), 10_000_00) * 100
	return (
		number,
		f"Account {account}",
		f"feed {account}",
		day,
		amount,
		f"CB SHOP {chance.randrange(5_000)}",
		came,
	)


def _double(one: Row, number: int) -> Row:
	_, account, _, day, amount, label, came = one
	return number, account, f"file:{account}", day + timedelta(days=1), amount, f"ACHAT {label}", came + 30


def _transaction(
	number: int, account: str, source: str, day: date, amount: int, label: str, came: int
) -> tuple[object, ...]:
	stamp = (START + timedelta(days=came)).isoformat()
	return (
		*(f"T{number:08}", stamp, stamp, day.isoformat(), account, 0, -amount, label),
		*(f"{source}/{number}", str(number), -amount),
	)


def _line(
	number: int, account: str, source: str, day: date, amount: int, label: str, came: int
) -> tuple[object, ...]:
	return (
		*(f"L{number:08}", source, str(number), account, day.isoformat(), amount, label, label),
		f"T{number:08}",
	)


def main(rows: int) -> Ratio:
	"""Measure, print beside the floor, and return the ratio."""
	with (
		tempfile.TemporaryDirectory() as folder,
		SqliteLedger(Path(folder) / "banksync.db", Path(folder) / "key") as ledger,
	):
		fill(ledger, rows)
		begun = process_time()
		groups = ledger.db.value(_PLAIN)
		floor = process_time() - begun
		calls, begun = ledger.db.calls, process_time()
		found = find(ledger)
		took = process_time() - begun
		calls = ledger.db.calls - calls
	repeated = sum(pair.why == "They came from different sources" for pair in found)
	peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
	print(f"{rows:,} bank transactions, {DOUBLES:,} of them told twice")
	print(f"  {'plain GROUP BY':24} {floor:8.2f} s  {groups:,} groups")
	print(
		f"  {'finding duplicates':24} {took:8.2f} s  {repeated:,} told twice and {len(found) - repeated:,} late twins"
	)
	print(f"  {'over the plain one':24} {took / floor:8.2f}     {calls} SQL calls, peak {peak:.0f} MB")
	return Ratio("duplicates", "GROUP BY", rows, took, floor, "3 times")


if __name__ == "__main__":
	gc.freeze()
	gc.set_threshold(100_000)  # as the command line does
	main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
