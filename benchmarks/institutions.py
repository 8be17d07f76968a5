"""One search over the banks of five providers: how long an answer takes.

python -m benchmarks.institutions [BANKS]
"""

from __future__ import annotations

import random
import sys
from time import perf_counter

from dokos_banksync.actions.institution_index import InstitutionIndex
from dokos_banksync.core.connection.institution_choice import Offer, group
from dokos_banksync.core.model import Institution
from dokos_banksync.core.provider import Capabilities

BANKS = 26_000
PROVIDERS = 5
QUERIES = (
	"",
	"c",
	"credit",
	"credit agricole",
	"credti agricole",
	"sparkasse munchne",
	"volksbnak",
	"qqqqqqqq",
)
_FIRST = (
	"Crédit",
	"Banque",
	"Sparkasse",
	"Volksbank",
	"Caisse",
	"Bank of",
	"First National",
	"Community",
	"Raiffeisen",
)
_LETTERS = "abcdefghijklmnoprstuvz"


def listed(count: int, chance: random.Random) -> list[Institution]:
	"""Return banks of plausible names: a usual word, and one of four thousand places."""
	places = ["".join(chance.choices(_LETTERS, k=chance.randint(4, 11))).title() for _ in range(4_000)]
	places += ["Agricole", "München", "Île-de-France"]
	return [
		Institution(str(number), f"{chance.choice(_FIRST)} {chance.choice(places)} {number % 97}", "FR")
		for number in range(count)
	]


def main(count: int) -> None:
	"""Print how long searching that many banks takes, with and without typing errors."""
	chance = random.Random(1)
	offers = [
		Offer(f"Provider {number % PROVIDERS}", "Production", Capabilities(), one)
		for number, one in enumerate(listed(count, chance))
	]
	begun = perf_counter()
	index = InstitutionIndex(group(offers))
	print(f"{count:,} banks of {PROVIDERS} providers; the index took {perf_counter() - begun:.2f} s")
	for query in QUERIES:
		begun = perf_counter()
		found = index.search(query)
		print(
			f"  {query or '(nothing)':24} {1000 * (perf_counter() - begun):8.1f} ms  {len(found):,} found (aim: 100 ms at most)"
		)


if __name__ == "__main__":
	main(int(sys.argv[1]) if sys.argv[1:] else BANKS)
