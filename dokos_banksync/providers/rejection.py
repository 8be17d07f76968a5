"""Why a row of a provider is not a transaction. Each sentence is the reason of a `RejectedRow`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

NOT_A_TRANSACTION = "The bank's row is not a transaction."
_PRESENT = "-"


def why_rejected(
	amount: Decimal | None, day: date | None, *, remote_id: str = _PRESENT, account: str = _PRESENT
) -> str:
	"""Return the first thing that a row lacks: id, account, amount, day, else its currency.

	A provider whose ids are not read, or whose rows name no account, leaves these arguments out.
	"""
	if not remote_id:
		return "The transaction has no id."
	if not account:
		return "The transaction names no account."
	if amount is None:
		return "The transaction has no amount that can be read."
	if day is None:
		return "The transaction has no date that can be read."
	return "The transaction has no currency."
