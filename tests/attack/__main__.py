"""`make attack`: fuzzed files, kills, crowds and payloads; prints how much was tried and what failed.

python -m tests.attack [--inputs 20000] [--kills 20] [--requests 1000] [--seed 1] [--no-site]
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dokos_banksync.hosts.standalone.demo import Demo
from dokos_banksync.hosts.standalone.web import WebServer
from tests.attack import crowd, kills, parsers, payloads, roles
from tests.attack.figures import Figure


def figures(options: argparse.Namespace) -> Iterator[Figure]:
	"""Yield the figures, each as soon as it is known."""
	yield from parsers.attack(options.inputs, options.seed)
	with tempfile.TemporaryDirectory() as name:
		folder = Path(name)
		yield kills.attack(options.kills, options.seed, folder)
		with Demo(folder / "demo") as demo:
			demo.add_provider()
			demo.connect()
			demo.link()
			demo.sync()
			with WebServer(demo.site) as server:
				yield crowd.attack(server, options.requests)
				yield from payloads.attack(demo.site, server)
	if options.site:
		yield roles.attack()
	else:
		yield Figure("endpoint and role pairs (site)", 0, note="left out with --no-site")


def main(arguments: list[str] | None = None) -> int:
	"""Run from the command line; the exit status is 1 when anything failed."""
	parser = argparse.ArgumentParser(description=__doc__)
	for name, count in (("inputs", 20_000), ("kills", 20), ("requests", 1000), ("seed", 1)):
		parser.add_argument(f"--{name}", type=int, default=count)
	parser.add_argument("--no-site", dest="site", action="store_false")
	options = parser.parse_args(arguments)
	logging.disable(logging.CRITICAL)  # failures are meant
	failed = 0
	for figure in figures(options):
		print(figure, flush=True)  # noqa: T201
		for failure in figure.failures[:10]:
			print(f"    {failure}")  # noqa: T201
		failed += len(figure.failures)
	logging.disable(logging.NOTSET)
	return 1 if failed else 0


if __name__ == "__main__":
	sys.exit(main())
