"""A column of fees, or of what else may change an amount, under a title that is not known as a whole: `Fees & charges`."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from dokos_banksync.statements.columns import Columns
from dokos_banksync.statements.vocabulary import key, meanings

_FEE = re.compile(
	r"\b(?:fees?|charges?|commissions?|comm|frais|gebuhr(?:en)?|entgelte?|spesen?|comisi(?:on|ones)|commission[ei]"
	r"|commissie|kosten|prowizj[aei]|oplat[ay]|avgift(?:er)?|gebyr(?:er)?|poplat\w+|taxas?|tarifas?|provision"
	r"|surcharge|interest|interets?|zinsen|rente|intereses|interessi"
	r"|juros|discount|rabatt?|korting|descuento|sconto|desconto|remises?|round(?:ing| up)|arrondis?|aufrundung|afronding)\b"
)


def fee_column(titles: Sequence[str], columns: Columns, taken: Collection[int]) -> int | None:
	"""Return the first column of amounts under such a title; None without one."""
	for place, title in enumerate(titles):
		if place in taken or not _FEE.search(key(title)) or meanings(title):
			continue
		if columns.are_amounts(place):
			return place
	return None
