"""What a Bank Account holds, as a ledger adds it up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from dokos_banksync.core.records import BankAccountRecord


class Extent(NamedTuple):
	"""A Bank Account, the day of its first bank transaction, and the sum of all, or of those before a day."""

	account: BankAccountRecord
	first_day: date | None
	movements: Decimal
