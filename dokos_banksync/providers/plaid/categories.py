"""Plaid's personal finance categories. https://plaid.com/docs/transactions/pfc-migration/

Plaid has no call that lists them. Two taxonomies are in use (v1, and v2 since December 2025); `taxonomy.json` is the
union of both, with names. A detailed code begins with its primary: `INCOME` and `WAGES` make `INCOME_WAGES`. Codes
are open: one that is not in the tree falls back on its primary.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from dokos_banksync.core.model import Category
from dokos_banksync.providers.parsing import Object, mapping, text


@cache
def _taxonomy() -> dict[str, dict[str, Any]]:
	found: dict[str, dict[str, Any]] = json.loads(
		Path(__file__).with_name("taxonomy.json").read_text("utf-8")
	)
	return found


@cache
def _known() -> frozenset[str]:
	return frozenset(one.id for one in categories("en"))


def categories(language: str) -> list[Category]:
	"""Return the tree, parents before children, with names in English or French."""
	french = language.lower().startswith("fr")
	tree: list[Category] = []
	for primary, names in _taxonomy().items():
		tree.append(Category(primary, names["fr" if french else "en"]))
		for code, name in names["detailed"].items():
			tree.append(Category(f"{primary}_{code}", name if french else _words(code), primary))
	return tree


def category_of(row: Object) -> str:
	"""Return the category of a transaction: the detailed one if it is in the tree, else the primary, else empty."""
	given = mapping(row.get("personal_finance_category"))
	detailed, primary = text(given.get("detailed")), text(given.get("primary"))
	return next((one for one in (detailed, primary) if one in _known()), "")


def _words(code: str) -> str:
	return code.replace("_", " ").capitalize()
