"""Runs the measures on a site, and prints them beside each other: `python -m benchmarks.site [ROWS] [SITE]`.

Without the name of a site, on each that was found, one after the other.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.bank import bank
from tests.site.bench import Site, sites

ROOT = Path(__file__).parents[2]
_DOCUMENTS = 300
"""So many are enough to know what one document costs."""


def measure(site: Site, name: str, url: str, rows: int) -> dict[str, Any]:
	"""Run one of `MEASURES` in a process of the bench, and return its figures."""
	return _run(site, "measures", name, url, str(rows))


def _run(site: Site, module: str, *words: str) -> dict[str, Any]:
	command = [str(site.bench.path / "env/bin/python"), "-m", f"benchmarks.site.{module}"]
	done = subprocess.run(
		[*command, site.name, *words],
		cwd=site.bench.path / "sites",
		env={**os.environ, "PYTHONPATH": str(ROOT), "FRAPPE_BENCH_ROOT": str(site.bench.path)},
		stdout=subprocess.PIPE,
		check=True,
		text=True,
	)
	found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
	return found


def report(site: Site, rows: int) -> None:
	"""Print the measures of one site."""
	print(f"\n{site.name} ({', '.join(site.apps)})")
	with bank() as url:
		ours = measure(site, "import", url, rows)
	_line(f"ours, {rows:,} from HTTP to committed", ours, 1)
	base = ours["seconds"] / rows
	floor = measure(site, "rows", "", rows)
	_line("INSERT of the same rows, nothing else", floor, base)
	_line("the document's way", measure(site, "documents", "", _DOCUMENTS), base)
	if "erpnext" in site.apps and site.has("Plaid Settings"):
		_plaid(site, base)
	print(f"  {'peak memory of ours':42} {ours['peak_mb']:8.0f} MB")
	_effects(site, base)
	print(f"  {'an empty run':42} {ours['empty']['seconds']:8.2f} s   {ours['empty']['sql']} statements")


def _effects(site: Site, base: float) -> None:
	found = _run(site, "effects", "views")
	for label, milliseconds in found["ms"].items():
		print(f"  {label:48} {milliseconds:8.1f} ms")
	for table, size in found["bytes"].items():
		print(f"  {table:48} {size:8.0f} bytes a row")
	undone = _run(site, "effects", "undo")
	_line(f"undo, {undone['left']:,} rows left", undone["undo"], base)
	_line(f"undo of the undo, {undone['back']:,} rows back", undone["redo"], base)


def _plaid(site: Site, base: float) -> None:
	"""Hosts change this code, so that it may not take what another version of it takes."""
	try:
		found = measure(site, "plaid", "", _DOCUMENTS)
	except subprocess.CalledProcessError:
		print("  the host's Plaid code took none of the rows: see above")
	else:
		_line("the host's Plaid code, with categories", found, base)


def _line(label: str, found: dict[str, Any], base: float) -> None:
	"""`base` is what one of our rows costs, in seconds."""
	each = found["seconds"] / found["rows"]
	ratio = "" if base == 1 else f"{each / base:8.1f} times ours"
	sql = found["sql"] * 1000 / found["rows"]
	print(f"  {label:42} {1 / each:8,.0f} /s  {sql:8.1f} statements per 1,000 {ratio}")


if __name__ == "__main__":
	asked = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
	found = [one for one in sites() if one.name in sys.argv[2:] or not sys.argv[2:]]
	if not found:
		print("NO BENCH: no such site was found, so nothing was measured.")
	for one in found:
		report(one, asked)
