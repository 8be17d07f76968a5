"""IBANs as they are compared: ISO 13616's electronic form."""

from __future__ import annotations


def normalize_iban(written: str | None) -> str:
	"""Return an IBAN without spaces and in capitals; users and banks write it in groups of four. None is empty."""
	return "".join((written or "").split()).upper()
