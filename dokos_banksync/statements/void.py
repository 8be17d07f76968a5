"""Void transactions: bookkeeping programs mark their label, and some leave the amount as it was."""

from __future__ import annotations

import re

from dokos_banksync.core.errors import InvalidData

_IS_VOID = "The transaction is void, no money moved: {0}"
_VOID = re.compile(r"\*+\s*void\s*\*+", re.I)


def refuse_void(label: str) -> None:
	"""Raise `InvalidData` for the label of a void transaction: `**VOID** Shop`."""
	if label.startswith("*") and _VOID.match(label):
		raise InvalidData(_IS_VOID, label)
