"""Fingerprints of the months of an account, to see which old months changed without storing their rows twice.

Ponto names the latest synchronization of an account, and neither lists the earlier ones nor dates its rows. So only the
list itself proves that no row was added, changed or removed on an old day. Reading it costs no call at the bank. What is
compared is one fingerprint for each month.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date

from dokos_banksync.core.model import Line, RejectedRow

REJECTED = "rejected"
"""Stands for the rows whose date cannot be read."""

_BITS = 64


def month_of(day: date) -> str:
	"""Return the month of a day, `YYYY-MM`."""
	return day.strftime("%Y-%m")


def first_day(month: str) -> date:
	"""Return the first day of a month written `YYYY-MM`."""
	return date.fromisoformat(f"{month}-01")


class Fingerprints:
	"""One fingerprint for each month: a sum of hashes, so the order of the rows does not matter."""

	def __init__(self) -> None:
		self._sums: dict[str, int] = {}

	def add(self, lines: Iterable[Line], rejected: Iterable[RejectedRow] = ()) -> None:
		"""Take the rows in."""
		for line in lines:
			self._add(month_of(line.date), _content(line))
		for row in rejected:
			self._add(REJECTED, f"{row.remote_id}\n{row.raw}")

	def _add(self, month: str, content: str) -> None:
		number = int.from_bytes(hashlib.sha256(content.encode()).digest()[: _BITS // 8], "big")
		self._sums[month] = (self._sums.get(month, 0) + number) % (1 << _BITS)

	def texts(self) -> dict[str, str]:
		"""Return the fingerprints by month, as a cursor stores them."""
		return {month: f"{number:016x}" for month, number in sorted(self._sums.items())}


def _content(line: Line) -> str:
	"""Return the values of a row that the books depend on; the id among them."""
	days = f"{line.date}\n{line.value_date}"
	party = f"{line.party_name}\n{line.party_iban}\n{line.reference}"
	return f"{line.remote_id}\n{days}\n{line.amount.normalize()}\n{line.currency}\n{line.original}\n{party}"


def changed(before: Mapping[str, str], now: Mapping[str, str], until: date) -> list[str]:
	"""Return the months that end before `until` and whose fingerprints differ, and `REJECTED` where it does."""
	names = {name for name in {*before, *now} if name == REJECTED or first_day(name) < until}
	return sorted(name for name in names if before.get(name) != now.get(name))
