"""Runs the measures side by side and prints them with their ratios.

python -m benchmarks [--large]

All ratios are of processor time, so that other work on the machine counts little. `--large` imports a million rows too, and
looks for duplicates and matches among a million.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import duplicates, files, matching
from benchmarks.bank import bank
from benchmarks.ratios import Ratio, table

SIZES = (10_000, 100_000)
LARGE = 1_000_000


def measure(name: str, url: str, rows: int, folder: Path) -> dict[str, Any]:
	"""Run one measure in a process of its own and return its figures."""
	command = [sys.executable, "-m", "benchmarks.measures", name, url, str(rows), str(folder)]
	done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
	found: dict[str, Any] = json.loads(done.stdout)
	return found


def report(rows: int) -> dict[str, dict[str, Any]]:
	"""All measures of one size of history, in one run; printed and returned."""
	with tempfile.TemporaryDirectory() as folder, bank() as url:
		found = {name: measure(name, url, rows, Path(folder)) for name in ("import", "fetch", "store")}
	whole = found["import"]
	empty = whole["empty"]
	print(f"\n{rows:,} transactions, processor time")
	for name, label in (
		("fetch", "fetch and parse alone"),
		("store", "executemany alone"),
		("import", "the whole import"),
	):
		cpu = found[name]["cpu"]
		print(f"  {label:24} {cpu:8.2f} s  {rows / cpu:10,.0f} /s  ({found[name]['seconds']:.2f} s elapsed)")
	print(f"  {'whole / sum of floors':24} {ratio(found).ours / _floor(found):8.2f}     (aim: 2 at most)")
	print(f"  {'peak memory':24} {whole['peak_mb']:8.0f} MB")
	print(f"  {'HTTP calls':24} {whole['http']:8}")
	print(f"  {'SQL calls per 1,000 rows':24} {whole['sql'] * 1000 / rows:8.1f}")
	print(
		f"  {'an empty daily run':24} {empty['cpu']:8.2f} s  {empty['http']} HTTP calls, {empty['sql']} SQL calls"
	)
	return found


def _floor(found: dict[str, dict[str, Any]]) -> float:
	return float(found["fetch"]["cpu"] + found["store"]["cpu"])


def ratio(found: dict[str, dict[str, Any]]) -> Ratio:
	"""Return the ratio of a report."""
	whole = found["import"]
	return Ratio("HTTP into SQLite", "sum of floors", whole["rows"], whole["cpu"], _floor(found), "2 times")


def main(*, large: bool) -> None:
	"""Measure all, and print the table of ratios last."""
	ratios = [ratio(report(size)) for size in (*SIZES, *((LARGE,) if large else ()))]
	ratios += files.ratios(SIZES[-1])
	ratios.append(duplicates.main(LARGE if large else SIZES[-1]))
	ratios.append(matching.main(*((LARGE, SIZES[-1]) if large else (SIZES[-1], SIZES[0]))))
	print(f"\n{table(ratios)}")


if __name__ == "__main__":
	gc.set_threshold(100_000)  # as the command line does
	main(large="--large" in sys.argv[1:])
