"""Kinds of rows that a profile gives a side: the sales of a card are money out, whatever their sign."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dokos_banksync.statements.flows import Amounts, Reading
from dokos_banksync.statements.grid import Row, written
from dokos_banksync.statements.mapping import Known
from dokos_banksync.statements.roles import Role


def by_kinds(left: Sequence[Reading], known: Known, rows: Sequence[Row], sample: Amounts) -> list[Reading]:
	"""Return the readings that no kind contradicts; all of them where each is contradicted."""
	profile, place = known.profile, known.roles.get(Role.KIND, -1)
	if profile is None or not profile.sides or place < 0:
		return list(left)
	sides = [profile.side(written(row.cells[place])) if place < len(row.cells) else 0 for row in rows]
	fitting = [
		reading
		for reading in left
		if all(
			not isinstance(amount, Decimal) or amount * said >= 0
			for said, amount in zip(sides, sample.signed(reading), strict=False)
		)
	]
	return fitting or list(left)
