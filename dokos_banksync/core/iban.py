"""International Bank Account Numbers: written one way, and with check digits that hold (ISO 13616, ISO 7064 MOD 97-10)."""

from __future__ import annotations

import re

from dokos_banksync.core.errors import InvalidData

_SHAPE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")


def normalize_iban(written: str | None) -> str:
	"""Return an IBAN without spaces and in capitals, valid or not; users and banks write it in groups of four."""
	return "".join((written or "").split()).upper()


def as_iban(text: str) -> str:
	"""Return the normalized IBAN, or an empty text for what does not have its shape.

	The check digits are not tested: what a file calls an account is taken as it is.
	"""
	plain = normalize_iban(text)
	return plain if _SHAPE.fullmatch(plain) else ""


def is_iban(written: str) -> bool:
	"""Return whether a text has the shape and the check digits of an IBAN."""
	plain = as_iban(written)
	return bool(plain) and int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def checked_iban(iban: str) -> str:
	"""Return the IBAN as `normalize_iban` writes it; empty for an empty text.

	Raises `InvalidData` when it does not have the shape of an IBAN or its check digits do not fit.
	"""
	plain = normalize_iban(iban)
	if plain and not as_iban(plain):
		raise InvalidData(
			"{0} is not an IBAN: it starts with a country code and two digits, as in FR76 …",
			iban,
			field="iban",
		)
	if plain and not is_iban(plain):
		raise InvalidData(
			"The check digits of the IBAN {0} do not fit: compare it with the statement", iban, field="iban"
		)
	return plain
