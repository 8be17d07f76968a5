"""Short ways to make lines and bank transactions in tests."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from dokos_banksync.core.importing.plan import Feed
from dokos_banksync.core.model import ExistingLine, ExistingTransaction, Line, Reason

DAY = date(2026, 3, 10)
FEED = Feed("feed", "Current", "EUR", None, None, {"79": "Bank fees", "90": "Supplies"})


def line(
	remote_id: str = "1", amount: str = "-3.20", label: str = "CB CAFE DU PORT", day: int = 0, **more
) -> Line:
	given = {
		"remote_account": "acc",
		"remote_id": remote_id,
		"date": DAY + timedelta(days=day),
		"amount": Decimal(amount),
		"currency": "EUR",
		"description": label.title(),
		"original": label,
	}
	return Line(**{**given, **more})


def held(
	name: str = "T1", amount: str = "-3.20", label: str = "CB CAFE DU PORT", day: int = 0, **more
) -> ExistingTransaction:
	given = {
		"name": name,
		"date": DAY + timedelta(days=day),
		"amount": Decimal(amount),
		"currency": "EUR",
		"description": label.title(),
		"original": label,
		"category": "",
		"reconciled": False,
		"deleted": False,
		"sources": frozenset({"older feed"}),
	}
	return ExistingTransaction(**{**given, **more})


def linked(
	of: Line, transaction: ExistingTransaction | None = None, reason: Reason = Reason.NONE
) -> ExistingLine:
	return ExistingLine(f"L{of.remote_id}", of, reason, transaction)
