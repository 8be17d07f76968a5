"""Bridge's categories. https://docs.bridgeapi.io/reference (categories)

Parents hold their children in `categories`; a flat list whose rows name their `parent_id` is read as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from dokos_banksync.core.model import Category
from dokos_banksync.providers.bridge.client import Client
from dokos_banksync.providers.bridge.entities import entity
from dokos_banksync.providers.parsing import Object, identifier, mapping, text


def categories(client: Client) -> list[Category]:
	"""Return the whole tree, parents before children, siblings in Bridge's order."""
	return tree(client.rows("/v3/aggregation/categories"))


def tree(rows: Iterable[object]) -> list[Category]:
	"""Return rows of either shape, ordered. A parent that is not in the list makes a root; so does a circle's first."""
	found: dict[str, Category] = {}
	for category in _flat(rows):
		found.setdefault(category.id, category)
	ordered: dict[str, Category] = {}
	for category in found.values():
		for step in reversed(_way_up(category, found, ordered)):
			parent = step.parent if step.parent in ordered else ""
			ordered[step.id] = Category(step.id, step.name, parent)
	return list(ordered.values())


def _flat(rows: Iterable[object]) -> Iterator[Category]:
	"""Depth first, without recursion: how deep a tree goes is the provider's to say."""
	levels: list[tuple[Iterator[object], str]] = [(iter(rows), "")]
	while levels:
		siblings, parent = levels[-1]
		row = next(siblings, None)
		if row is None:
			levels.pop()
			continue
		known = entity(row)
		own = identifier(known["id"])
		yield Category(own, text(known.get("name")), parent or _parent(known))
		children = known.get("categories")
		if isinstance(children, list):
			levels.append((iter(children), own))


def _parent(row: Object) -> str:
	return identifier(row.get("parent_id")) or identifier(mapping(row.get("parent")).get("id"))


def _way_up(
	category: Category, found: Mapping[str, Category], ordered: Mapping[str, Category]
) -> list[Category]:
	"""Return the category and its ancestors up to one that is in its place already, or was passed on the way."""
	way: dict[str, Category] = {}
	step: Category | None = category
	while step and step.id not in way and step.id not in ordered:
		way[step.id] = step
		step = found.get(step.parent)
	return list(way.values())
