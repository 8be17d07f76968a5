"""What a first file proved holds for the next one with the same titles; what it left open is asked again."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from dokos_banksync.actions.file_import import ImportOptions, PreparedImport, prepare, take
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.statements.contract import ReadingOptions, ReadingQuestion

Import = Callable[..., PreparedImport]
TITLES = "Date,Description,Amount"


@pytest.fixture
def importing(tmp_path: Path) -> Iterator[Import]:
	"""Import a file, and return how it was read."""
	numbers = itertools.count()
	with Site(tmp_path) as site:
		site.ledger.add_bank_account("Current", "Banque du Port", "EUR")

		def one(text: str, columns: Mapping[str, str] | None = None, **options: str) -> PreparedImport:
			reading = ReadingOptions(columns=columns or {}, **options)  # type: ignore[arg-type]
			name = f"{next(numbers)}.csv"
			found = prepare(site.ledger, "Current", name, text.encode(), ImportOptions(reading))
			take(site.ledger, found, clock=site.clock)
			return found

		yield one


OPEN_AGAIN = {
	"a decimal mark that no amount showed": (
		f"{TITLES}\n2026-11-05,A,-5\n2026-11-16,B,-10\n",
		f"{TITLES}\n2026-12-05,C,-1.234\n2026-12-16,D,-2.500\n",
		"--decimal",
	),
	"an order that no day needed": (
		f"{TITLES}\n2026-11-05,A,-5.00\n2026-11-16,B,-1.00\n",
		f"{TITLES}\n05/11/10,C,-1.00\n05/11/12,D,-2.00\n",
		"--date-format",
	),
	"a sign that nothing proved": (
		f"{TITLES}\n2026-11-05,Bakery,-5.00\n",
		f"{TITLES}\n2026-12-05,Bakery,5.00\n2026-12-06,Books,7.00\n",
		"--sign",
	),
	"a fee that was zero": (
		f"{TITLES},Fee\n2026-11-05,A,-5.00,0.00\n2026-11-16,B,-1.00,0.00\n",
		f"{TITLES},Fee\n2026-12-05,C,-5.00,1.00\n2026-12-16,D,-1.00,0.00\n",
		"--column fee=4",
	),
}


@pytest.mark.parametrize(("first", "second", "option"), OPEN_AGAIN.values(), ids=OPEN_AGAIN.keys())
def test_what_a_file_left_open_is_asked_of_the_next(
	importing: Import, first: str, second: str, option: str
) -> None:
	importing(first)
	with pytest.raises(ReadingQuestion) as asked:
		importing(second)
	assert option in str(asked.value)


def test_what_a_user_answered_is_not_asked_again(importing: Import) -> None:
	importing(f"{TITLES}\n05/11/2026,A,5.00\n06/11/2026,B,1.234\n", sign="reversed", decimal=".", dates="DMY")
	found = importing(f"{TITLES}\n05/12/2026,C,7.00\n06/12/2026,D,1.234\n")
	assert [(str(x.date), x.amount) for x in found.rows.lines] == [
		("2026-12-05", Decimal("-7.00")),
		("2026-12-06", Decimal("-1.234")),
	]


def test_a_column_that_was_empty_counts_once_it_is_filled(importing: Import) -> None:
	importing(f"{TITLES},Status\n2026-11-05,A,-5.00,\n2026-11-16,B,-1.00,\n")
	found = importing(f"{TITLES},Status\n2026-12-05,C,-5.00,Declined\n2026-12-16,D,-1.00,Completed\n")
	assert [line.original for line in found.rows.lines] == ["D"]


def test_balances_that_were_missing_contradict_a_remembered_sign(importing: Import) -> None:
	importing(f"{TITLES},Balance\n2026-11-05,A,5.00,\n2026-11-16,B,1.00,\n", sign="reversed")
	balances = "2026-12-05,C,-5.00,95.00\n2026-12-06,D,-1.00,94.00\n2026-12-07,E,9.00,103.00\n"
	with pytest.raises(InvalidData, match="do not follow"):
		importing(f"{TITLES},Balance\n{balances}")
