"""International bank account numbers (IBAN, ISO 13616)."""

from __future__ import annotations

import re

_SHAPE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")


def normalize_iban(written: str | None) -> str:
	"""Return an IBAN in its electronic form: without spaces, in capitals; None is empty. Nothing is checked."""
	return "".join((written or "").split()).upper()


def as_iban(text: str) -> str:
	"""Return the normalized IBAN, or an empty text for what does not have its shape.

	The check digits are not tested: what a file calls an account is taken as it is.
	"""
	plain = normalize_iban(text)
	return plain if _SHAPE.fullmatch(plain) else ""
