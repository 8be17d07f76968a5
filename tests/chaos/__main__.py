"""`make chaos`: many histories, or the ones that are named.

python -m tests.chaos [--count 10000] [--from 0] [--jobs 2] [--only 4711] [--every-source | --provider plaid]
"""

from __future__ import annotations

import argparse
import logging
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Protocol

from tests.chaos.chaos import Chaos
from tests.chaos.every_source import EverySource
from tests.chaos.providers import PROVIDERS, SHOWN, ProviderChaos

_FAST = Path("/dev/shm")


class History(Protocol):
	"""What can be gone through: `done` are its events so far."""

	done: list[str]

	def run(self) -> list[str]:
		"""Go through it and return what is wrong at its end."""
		...


def history(number: int, kind: Callable[[Path, int], History] = Chaos) -> tuple[int, list[str], list[str]]:
	"""Its number, what happened, and what is wrong at its end."""
	folder = Path(tempfile.mkdtemp(dir=_FAST if _FAST.is_dir() else None))
	chaos = None
	try:
		chaos = kind(folder, number)
		return number, chaos.run(), chaos.done
	except Exception:  # the outermost edge: the history is told with its number
		return number, [traceback.format_exc()], chaos.done if chaos else []
	finally:
		shutil.rmtree(folder)


def _quiet() -> None:
	"""A worker's own: thousands of failures are meant."""
	logging.disable(logging.CRITICAL)


def _kind(provider: str | None, every_source: bool) -> Callable[[Path, int], History]:
	if provider:
		return partial(ProviderChaos, provider=provider)
	return EverySource if every_source else Chaos


def main() -> int:
	parser = argparse.ArgumentParser(prog="python -m tests.chaos")
	parser.add_argument("--count", type=int, default=10_000)
	parser.add_argument("--from", dest="first", type=int, default=0)
	parser.add_argument("--jobs", type=int, default=2)
	parser.add_argument("--only", type=int)
	parser.add_argument("--every-source", action="store_true", help="files of all formats, ids that change")
	parser.add_argument(
		"--provider", choices=sorted(PROVIDERS), help="one provider and its sandbox over HTTP"
	)
	given = parser.parse_args()
	one = partial(history, kind=_kind(given.provider, given.every_source))
	numbers = [given.only] if given.only is not None else range(given.first, given.first + given.count)
	begun, events, bad, shown = perf_counter(), 0, 0, 0
	with ProcessPoolExecutor(given.jobs, initializer=_quiet) as pool:
		for number, wrong, done in pool.map(one, numbers, chunksize=10):
			events += len(done)
			shown += any(event.startswith(SHOWN) for event in done)
			if wrong:
				bad += 1
				print(f"history {number}: {'; '.join(wrong)}\n  {' '.join(done)}", flush=True)
	took = perf_counter() - begun
	also = f", {shown:,} with a difference that is shown" if given.provider else ""
	print(f"{len(numbers):,} histories, {events:,} events, {bad:,} wrong{also}, {took:.0f} s")
	return 1 if bad else 0


if __name__ == "__main__":
	sys.exit(main())
