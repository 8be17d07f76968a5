from __future__ import annotations

import pytest

from dokos_banksync.core.iban import normalize_iban


@pytest.mark.parametrize(
	("written", "plain"),
	[
		("FR76 9999 9000", "FR7699999000"),
		("fr76\u00a09999", "FR769999"),
		(" \tFR76\n", "FR76"),
		("", ""),
		(None, ""),
	],
)
def test_ibans_are_compared_without_spaces_and_case(written, plain):
	assert normalize_iban(written) == plain
