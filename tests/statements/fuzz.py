"""Mutated statement files: a reader reads them or says why not, and never fails in another way.

`python -m tests.statements.fuzz --count 1000000 --seed 7 [--only camt054.xml]` runs as many as wanted; the suite runs
a few hundred of each file.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements.contract import ReadingOptions, Statement
from dokos_banksync.statements.registry import read
from tests.effort import hang_guard

FILES = Path(__file__).parent / "files"
SPECIAL = (
	b"\0",
	b"<",
	b">",
	b"/",
	b":",
	b"\n",
	b"\r\n",
	b"-",
	b"9" * 30,
	b"\xff",
	b"&#0;",
	b"]]>",
	b"^",
	b",",
	b"{",
	b"?20",
)
ENCODINGS = ("utf-16", "utf-8-sig", "latin-1")


def seeds() -> dict[str, bytes]:
	"""The files of the golden tests by name."""
	paths = [path for path in sorted(FILES.rglob("*")) if path.is_file() and path.suffix != ".json"]
	return {path.name: path.read_bytes() for path in paths}


def mutated(content: bytes, chance: random.Random) -> bytes:
	"""Return the content with one to four faults."""
	for _ in range(chance.randint(1, 4)):
		content = _fault(content, chance)
	return content


def _fault(content: bytes, chance: random.Random) -> bytes:
	at, to = sorted(chance.randint(0, len(content)) for _ in range(2))
	near = min(len(content), at + chance.randint(1, 12))
	kind = chance.randrange(8)
	if kind == 0:
		return content[:at]
	if kind == 1:
		return content[:at] + content[near:]
	if kind == 2:
		return content[:at] + chance.choice(SPECIAL) + content[at:]
	if kind == 3:
		return content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]
	if kind == 4:
		return content[:to] + content[at:to] + content[to:]
	if kind == 5:
		return content[at:to] + content[:at] + content[to:]
	if kind == 6:
		return content[:at] + content[at:near].swapcase() + content[near:]
	return content.decode("latin-1").encode(chance.choice(ENCODINGS))


def outcome(content: bytes) -> Statement | None:
	"""Read the content, and check what every reading promises; None for a file that is refused."""
	try:
		statement = read(content, ReadingOptions("EUR"))
	except InvalidData:
		return None
	for account in statement.accounts:
		ids = [line.remote_id for line in account.lines]
		assert all(ids)
		assert len(set(ids)) == len(ids)
		assert all(line.amount.is_finite() for line in account.lines)
		assert all(row.reason and row.id for row in account.refused)
	return statement


def run(name: str, content: bytes, count: int, seed: int) -> Iterator[str]:
	"""Read `count` mutations; yield the ones that fail, with what is needed to repeat them."""
	for number in range(count):
		chance = random.Random(f"{seed}-{name}-{number}")
		faulty = mutated(content, chance)
		try:
			with hang_guard():
				outcome(faulty)
		except (Exception, AssertionError) as error:  # noqa: BLE001 - finding these is the purpose
			yield f"{name} seed={seed} number={number}: {error!r}"


def main() -> int:
	"""Run from the command line; the exit status is 1 when anything failed."""
	parser = argparse.ArgumentParser(description=__doc__)
	parser.add_argument("--count", type=int, default=10_000)
	parser.add_argument("--seed", type=int, default=1)
	parser.add_argument("--only", default="")
	options = parser.parse_args()
	files = {name: content for name, content in seeds().items() if options.only in name}
	failed = 0
	for name, content in files.items():
		for failure in run(name, content, options.count // len(files), options.seed):
			failed += 1
			print(failure, flush=True)  # noqa: T201
	print(f"{options.count} inputs, {failed} failed")  # noqa: T201
	return 1 if failed else 0


if __name__ == "__main__":
	raise SystemExit(main())
