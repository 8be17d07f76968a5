"""Ids that are made of the text of a row."""

from __future__ import annotations

import pytest

from dokos_banksync.statements.ids import Ids, is_made


def test_an_id_that_was_made_here_is_recognised() -> None:
	ids = Ids()
	for text in ("a", "a", "b"):
		ids.add(text)
	made = [ids.next() for _ in range(3)]
	assert made[0][:-1] == made[1][:-1] != made[2][:-1]
	assert all(map(is_made, made))


@pytest.mark.parametrize("own", ["", "4711", "fd4edf48ec60a3f6de19", "FITID-1", "fd4edf48ec60a3f6de19-1-x"])
def test_an_id_of_a_bank_is_not_taken_for_one(own: str) -> None:
	assert not is_made(own)
