"""Which of a bank's balances is the booked one, and which the available one.

Types are those of ISO 20022 (ExternalBalanceType1Code). Interim and closing booked balances count booked rows
alone; available ones count pending rows too. What fits neither is not shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from dokos_banksync.providers.parsing import Object, decimal_text, instant, mapping, text

BOOKED = ("CLBD", "ITBD")
AVAILABLE = ("ITAV", "CLAV", "XPCD")


class Balances(NamedTuple):
	"""Both balances of an account; None where the bank gives no such one."""

	booked: Decimal | None = None
	available: Decimal | None = None
	at: datetime | None = None


def choose(rows: Sequence[Object], currency: str) -> Balances:
	"""Return the balances in the account's currency; the closing booked one comes before the interim one."""
	found: dict[str, Decimal] = {}
	at: dict[str, datetime | None] = {}
	for row in rows:
		money = mapping(row.get("balance_amount"))
		amount, kind = decimal_text(money.get("amount")), text(row.get("balance_type"))
		if amount is not None and text(money.get("currency")) == currency and kind not in found:
			found[kind] = amount
			at[kind] = instant(row.get("last_change_date_time"))
	booked = next((kind for kind in BOOKED if kind in found), "")
	available = next((kind for kind in AVAILABLE if kind in found), "")
	return Balances(found.get(booked), found.get(available), at.get(booked) or at.get(available))
