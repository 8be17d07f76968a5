from __future__ import annotations

import pytest

from dokos_banksync.core.iban import as_iban, normalize_iban


@pytest.mark.parametrize("written", ["FR76 1234 5678 901", "fr7612345678901", " FR76\u00a01234\t5678901\n"])
def test_one_iban_has_one_writing(written: str) -> None:
	assert normalize_iban(written) == "FR7612345678901"


def test_nothing_is_checked() -> None:
	assert normalize_iban("") == normalize_iban(None) == ""
	assert normalize_iban("12-34 a") == "12-34A"


@pytest.mark.parametrize(
	("written", "iban"),
	[
		("be68 5390 0754 7034", "BE68539007547034"),
		("DE00" + "1" * 30, "DE00" + "1" * 30),
		("DE00" + "1" * 31, ""),
		("DE00" + "1" * 9, ""),
		("30004 00001 00000000001 23", ""),
		("BE68-5390-0754-7034", ""),
		("", ""),
	],
)
def test_only_what_has_the_shape_of_an_iban_is_one(written: str, iban: str) -> None:
	assert as_iban(written) == iban
