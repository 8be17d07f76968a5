"""Rows that could not be read, as lines that are kept."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from dokos_banksync.core.model import Action, Decision, Line, Reason, RejectedRow


def held_line(source: str, bank_account: str, row: RejectedRow, taken: bool, now: datetime) -> Decision:
	"""A refused row has no day and no amount that can be read: it bears today's and none.

	A row without an id of its own, or whose id a good line bears (`taken`), gets one made of its text, so that it
	is kept once.
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
		description="",
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
