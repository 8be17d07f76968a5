"""Rows that could not be read, stored as held lines."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from dokos_banksync.core.model import Action, Decision, Line, Reason, RejectedRow

_LONGEST_TITLE = 140
"""Characters. A list shows no more."""


def _title(raw: str) -> str:
	"""Return the beginning of a row's text on one line."""
	text = " ".join(raw.split())
	return text if len(text) <= _LONGEST_TITLE else f"{text[: _LONGEST_TITLE - 1]}…"


def held_line(source: str, bank_account: str, row: RejectedRow, taken: bool, now: datetime) -> Decision:
	"""Return the decision to hold a rejected row, with today's date and no amount, because neither can be read.

	Its description is the beginning of its text.

	A row without an id, or whose id a valid line has (`taken`), gets one derived from its text, so that it is
	stored once.
	"""
	key = row.remote_id
	if taken or not key:
		key = f"row {sha256(row.raw.encode()).hexdigest()[:16]}"
	line = Line(
		remote_account=row.remote_account,
		remote_id=key,
		date=now.date(),
		amount=Decimal(0),
		currency="",
		description=_title(row.raw),
		original="",
		raw=row.raw,
	)
	return Decision(
		action=Action.HOLD,
		line=line,
		source=source,
		bank_account=bank_account,
		reason=Reason.REFUSED,
		note=row.reason,
	)
