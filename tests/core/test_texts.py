"""Texts from outside as a user reads them."""

from __future__ import annotations

import pytest

from dokos_banksync.core.texts import row_as_text


@pytest.mark.parametrize(
	("raw", "shown"),
	[
		('{"row": 4, "cells": ["2044-11-20", "", "C", "-50"]}', "2044-11-20 | C | -50"),
		('{"id": 7, "amount": 3}', '{"id": 7, "amount": 3}'),
		('{"cells": 3}', '{"cells": 3}'),
		("a | b", "a | b"),
		("[" * 100_000, "[" * 100_000),
		("", ""),
	],
)
def test_a_row_of_a_table_is_its_cells_and_any_other_its_text(raw: str, shown: str) -> None:
	assert row_as_text(raw) == shown
