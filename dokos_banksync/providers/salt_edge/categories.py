"""Salt Edge's categories. https://docs.saltedge.com/v6/api_reference#ais-categories

The call gives two trees, for personal and for business accounts, of groups with their categories. Codes repeat
(`rent` is personal and business), and transactions name the code alone: here each code comes once, under the first
group that holds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dokos_banksync.core.model import Category
from dokos_banksync.providers.parsing import mapping, texts

KINDS = ("business", "personal")
_NONE = "uncategorized"


def tree(data: object, kinds: Sequence[str] = KINDS) -> list[Category]:
	"""Return the categories, parents before children, without the code for none. `kinds`: the trees, in order."""
	found: dict[str, Category] = {}
	for code, parent in _codes(mapping(data), kinds):
		if code != _NONE and code not in found and code != parent:
			found[code] = Category(code, words(code), parent)
	return list(found.values())


def words(code: str) -> str:
	"""Return a code as words: `gas_and_fuel` is "Gas and fuel"."""
	return code.replace("_", " ").capitalize()


def _codes(data: Mapping[str, object], kinds: Sequence[str]) -> Iterator[tuple[str, str]]:
	"""Yield all codes with their groups: first the groups of both trees, then what is in them."""
	trees = [mapping(data.get(kind)) for kind in kinds if data.get(kind)] or [data]
	for groups in trees:
		yield from ((group, "") for group in groups)
	for groups in trees:
		for group, codes in groups.items():
			yield from ((code, group) for code in texts(codes))
