"""Files as banks write them, beside what they say: written by hand, row by row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dokos_banksync.statements.contract import ReadingOptions
from dokos_banksync.statements.registry import read

FILES = Path(__file__).parent / "files"


def summary(statement):
	"""A statement as plain data."""
	return {
		"format": statement.format,
		"accounts": [
			{
				"number": account.number,
				"currency": account.currency,
				"balance": [str(account.balance.amount), str(account.balance.day)]
				if account.balance
				else None,
				"lines": [[str(line.date), str(line.amount), line.description] for line in account.lines],
				"refused": [[refused.row, refused.reason] for refused in account.refused],
			}
			for account in statement.accounts
		],
		"mapping": dict(statement.mapping),
		"remarks": list(statement.remarks),
	}


@pytest.mark.parametrize("name", sorted(path.stem for path in FILES.glob("*.json")))
def test_a_file_says_what_a_user_reads_in_it(name):
	content = (FILES / name).read_bytes()
	expected = json.loads((FILES / f"{name}.json").read_text("utf-8"))
	assert summary(read(content, ReadingOptions("EUR"))) == expected


@pytest.mark.parametrize("name", sorted(path.stem for path in FILES.glob("*.json")))
def test_no_two_rows_of_an_account_bear_one_id(name):
	for account in read((FILES / name).read_bytes(), ReadingOptions("EUR")).accounts:
		ids = [line.remote_id for line in account.lines]
		assert len(set(ids)) == len(ids)
		assert all(ids)
