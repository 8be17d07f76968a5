"""Account numbers of accounts that do not exist, with check digits that hold (ISO 13616, French RIB key)."""

from __future__ import annotations

import random

_DIGITS = {"DE": 18, "ES": 20, "LU": 16, "NL": 10, "IT": 22}
_LETTERS = {"NL": "PRTD", "IT": "X"}


def make_iban(country: str, rng: random.Random, bank_code: int) -> str:
	"""Return a valid IBAN without spaces. The bank code (5 digits) shows in French ones."""
	if country == "FR":
		bban = _french(rng, bank_code)
	elif country == "BE":
		root = f"{rng.randrange(10**10):010d}"
		bban = root + f"{int(root) % 97 or 97:02d}"
	else:
		digits = _DIGITS.get(country, 18)
		bban = _LETTERS.get(country, "") + f"{rng.randrange(10**digits):0{digits}d}"
	return country + _check_digits(country, bban) + bban


def is_valid(iban: str) -> bool:
	"""Do the check digits of an IBAN hold?"""
	return _as_number(iban[4:] + iban[:4]) % 97 == 1


def _french(rng: random.Random, bank_code: int) -> str:
	branch, account = rng.randrange(1, 10**5), rng.randrange(1, 10**11)
	key = 97 - (89 * bank_code + 15 * branch + 3 * account) % 97
	return f"{bank_code:05d}{branch:05d}{account:011d}{key:02d}"


def _check_digits(country: str, bban: str) -> str:
	return f"{98 - _as_number(bban + country + '00') % 97:02d}"


def _as_number(text: str) -> int:
	return int("".join(str(int(char, 36)) for char in text))
