"""Bridge's categories. https://docs.bridgeapi.io/reference (categories)

Parents hold their children in `categories`; a flat list whose rows name their `parent_id` is read as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dokos_banksync.core.model import Category
from dokos_banksync.providers.bridge.client import Client
from dokos_banksync.providers.bridge.entities import entity
from dokos_banksync.providers.parsing import identifier, mapping, text


def categories(client: Client) -> list[Category]:
	"""The whole tree, parents before children, siblings in Bridge's order."""
	return tree(client.rows("/v3/aggregation/categories"))


def tree(rows: Iterable[object]) -> list[Category]:
	"""Rows of either shape, ordered. A parent that is not in the list makes a root; so does a circle's first."""
	found: dict[str, Category] = {}
	for category in _flat(rows, ""):
		found.setdefault(category.id, category)
	ordered: dict[str, Category] = {}
	for category in found.values():
		for step in reversed(_way_up(category, found)):
			parent = step.parent if step.parent in ordered else ""
			ordered.setdefault(step.id, Category(step.id, step.name, parent))
	return list(ordered.values())


def _flat(rows: Iterable[object], parent: str) -> Iterator[Category]:
	for row in rows:
		known = entity(row, "category")
		above = (
			parent or identifier(known.get("parent_id")) or identifier(mapping(known.get("parent")).get("id"))
		)
		yield Category(identifier(known["id"]), text(known.get("name")), above)
		children = known.get("categories")
		yield from _flat(children if isinstance(children, list) else [], identifier(known["id"]))


def _way_up(category: Category, found: dict[str, Category]) -> list[Category]:
	way = [category]
	while (above := found.get(way[-1].parent)) and above not in way:
		way.append(above)
	return way
