"""Files of each format, with the quirks of banks, beside what a reader finds in them, written by hand."""

from __future__ import annotations

import json
from collections.abc import Set
from pathlib import Path

import pytest

from dokos_banksync.statements.contract import ReadingOptions
from dokos_banksync.statements.registry import read

FILES = Path(__file__).parent / "files" / "formats"
NAMES = sorted(path.stem for path in FILES.glob("*.json"))


def plain(value):
	"""A value of a reading as JSON has it."""
	if isinstance(value, (list, tuple)):
		return [plain(part) for part in value]
	if isinstance(value, Set):
		return sorted(value)
	if value is None or isinstance(value, int):
		return value
	return str(getattr(value, "value", value))


def found(account, expected):
	"""The parts of an account that the expectation names."""
	shown = {key: plain(getattr(account, key)) for key in expected if key not in ("lines", "refused")}
	shown["refused"] = [[row.row, row.reason] for row in account.refused]
	pairs = zip(account.lines, expected["lines"], strict=False)
	shown["lines"] = [{key: plain(getattr(line, key)) for key in wanted} for line, wanted in pairs]
	return shown


@pytest.mark.parametrize("name", NAMES)
def test_a_file_says_what_was_read_in_it_by_hand(name):
	expected = json.loads((FILES / f"{name}.json").read_text("utf-8"))
	statement = read((FILES / name).read_bytes(), ReadingOptions("EUR"))
	assert statement.format == expected["format"]
	assert list(statement.remarks) == expected["remarks"]
	assert len(statement.accounts) == len(expected["accounts"])
	for account, wanted in zip(statement.accounts, expected["accounts"], strict=True):
		assert found(account, wanted) == wanted
		assert len(account.lines) == len(wanted["lines"])


@pytest.mark.parametrize("name", NAMES)
def test_every_row_has_an_id_of_its_own_and_what_the_file_says_of_it(name):
	for account in read((FILES / name).read_bytes(), ReadingOptions("EUR")).accounts:
		ids = [line.remote_id for line in account.lines] + [row.id for row in account.refused]
		assert all(ids)
		assert len(set(ids)) == len(ids)
		assert account.bank_ids <= set(ids)
		assert all(json.loads(line.raw) for line in account.lines)
