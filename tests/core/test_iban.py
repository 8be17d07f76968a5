from __future__ import annotations

import pytest

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.iban import checked_iban, normalize_iban


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


@pytest.mark.parametrize(
	("given", "plain"),
	[
		("FR76 3000 6000 0112 3456 7890 189", "FR7630006000011234567890189"),
		("de89 3704 0044 0532 0130 00", "DE89370400440532013000"),
		("GB82WEST12345698765432", "GB82WEST12345698765432"),
		("", ""),
	],
)
def test_a_valid_iban_is_written_in_capitals_without_blanks(given, plain):
	assert checked_iban(given) == plain


@pytest.mark.parametrize("given", ["FR7630006000011234567890188", "DE88370400440532013000", "1234", "FR76!"])
def test_wrong_check_digits_and_other_numbers_are_refused(given):
	with pytest.raises(InvalidData):
		checked_iban(given)
