"""Runs the measures side by side and prints them with their ratios. `--large` adds a million rows."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.bank import bank

SIZES = (10_000, 100_000)
MAX_COMPONENT = 1_000_000


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
	whole, floor = found["import"], found["fetch"]["seconds"] + found["store"]["seconds"]
	empty = whole["empty"]
	print(f"\n{rows:,} transactions")
	for name, label in (("fetch", "fetch and parse alone"), ("store", "executemany alone")):
		print(f"  {label:24} {found[name]['seconds']:8.2f} s  {rows / found[name]['seconds']:10,.0f} /s")
	print(f"  {'the whole import':24} {whole['seconds']:8.2f} s  {rows / whole['seconds']:10,.0f} /s")
	print(f"  {'whole / sum of floors':24} {whole['seconds'] / floor:8.2f}     (aim: 3 at most)")
	print(f"  {'peak memory':24} {whole['peak_mb']:8.0f} MB")
	print(f"  {'HTTP calls':24} {whole['http']:8}")
	print(f"  {'SQL calls per 1,000 rows':24} {whole['sql'] * 1000 / rows:8.1f}")
	print(
		f"  {'an empty daily run':24} {empty['seconds']:8.2f} s  {empty['http']} HTTP calls, {empty['sql']} SQL calls"
	)
	return found


if __name__ == "__main__":
	for size in (*SIZES, *([MAX_COMPONENT] if "--large" in sys.argv[1:] else [])):
		report(size)
