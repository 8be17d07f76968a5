"""Account numbers that are an IBAN (ISO 13616)."""

from __future__ import annotations

import re

_SHAPE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")


def as_iban(text: str) -> str:
	"""Return the IBAN without blanks and in capitals; empty for what has not its shape.

	The check digits are not tested: what a file calls an account is taken as it is.
	"""
	plain = "".join(text.split()).upper()
	return plain if _SHAPE.fullmatch(plain) else ""
