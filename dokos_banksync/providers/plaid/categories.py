"""Plaid's personal finance categories. https://plaid.com/docs/transactions/pfc-migration/

Plaid has no call that lists them. Two taxonomies are in use (v1, and v2 since December 2025); this tree is the
union of both. Codes are open: a code that is not in the tree falls back on its primary category.
"""

from __future__ import annotations

from functools import cache

from dokos_banksync.core.model import Category
from dokos_banksync.providers.parsing import Object, mapping, text
from dokos_banksync.providers.plaid.taxonomy import DETAILED, FRENCH, PRIMARY


@cache
def _known() -> frozenset[str]:
	return frozenset(PRIMARY) | {f"{primary}_{one}" for primary, found in DETAILED.items() for one in found}


def categories(language: str) -> list[Category]:
	"""Return the tree, parents before children, with names in English or French."""
	names = FRENCH if language.lower().startswith("fr") else {}
	tree: list[Category] = []
	for primary, words in PRIMARY.items():
		tree.append(Category(primary, names.get(primary, words)))
		for code in DETAILED[primary]:
			detailed = f"{primary}_{code}"
			tree.append(Category(detailed, names.get(detailed) or _words(code), primary))
	return tree


def category_of(row: Object) -> str:
	"""Return the category of a transaction: the detailed one if it is in the tree, else the primary, else empty."""
	given = mapping(row.get("personal_finance_category"))
	detailed, primary = text(given.get("detailed")), text(given.get("primary"))
	return next((one for one in (detailed, primary) if one in _known()), "")


def _words(code: str) -> str:
	return code.replace("_", " ").capitalize()
