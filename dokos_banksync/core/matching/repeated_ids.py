"""Ids of rows that a file gives several times under one id of the bank.

The specification wants an id for each transaction (OFX 2.2, section 3.2.3), so the second row is the first one again. Banks
that make the id of day and amount nevertheless give one id to two equal coffees.
"""

from __future__ import annotations

import re

_REPEATED = re.compile(r"(.+) \(([2-9]|[1-9]\d+)\)", re.DOTALL)


def repeated_id(own: str, number: int) -> str:
	"""Return the id of the second (or a later) row under one id; it is the same in another file."""
	return f"{own} ({number})"


def first_id(remote_id: str) -> str:
	"""Return the id of the first row, empty for an id that is not a repeated one."""
	found = _REPEATED.fullmatch(remote_id)
	return found[1] if found else ""
