"""Salt Edge's categories. https://docs.saltedge.com/v6/api_reference#ais-categories

The call gives two trees, for personal and for business accounts, of groups with their categories. Codes repeat
(`rent` is personal and business), and transactions name the code alone: here each code comes once, under the first
group that holds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dokos_banksync.core.model import Category
from dokos_banksync.providers.parsing import mapping, texts

KINDS = ("business", "personal")
_NONE = "uncategorized"


def tree(data: object, french: Mapping[str, str] | None = None) -> list[Category]:
	"""Return the categories, parents before children, without the code for none."""
	found: dict[str, Category] = {}
	for code, parent in _codes(mapping(data)):
		if code != _NONE and code not in found and code != parent:
			found[code] = Category(code, (french or {}).get(code) or words(code), parent)
	return list(found.values())


def words(code: str) -> str:
	"""Return a code as words: `gas_and_fuel` is "Gas and fuel"."""
	return code.replace("_", " ").capitalize()


def _codes(data: Mapping[str, object]) -> Iterator[tuple[str, str]]:
	"""All codes with their groups: first the groups of both trees, then what is in them."""
	trees = [mapping(data.get(kind)) for kind in KINDS if data.get(kind)] or [data]
	for groups in trees:
		yield from ((group, "") for group in groups)
	for groups in trees:
		for group, codes in groups.items():
			yield from ((code, group) for code in texts(codes))
