"""The provider's category tree, laid over the host's without touching what a user made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dokos_banksync.core.model import Category
from dokos_banksync.core.records import CategoryChange, CategoryRecord


def plan_categories(remote: Sequence[Category], held: Sequence[CategoryRecord]) -> list[CategoryChange]:
	"""Return what to insert, rename and move. Edited categories are not changed, deleted ones not created again.

	A child of a deleted category moves to the nearest ancestor that exists. Parents come first. A name that is
	taken by another category is completed with its parent's name.
	"""
	tree = {category.id: category for category in remote}
	known = {record.remote_id: record for record in held if record.remote_id}
	names = _Names(tree, held)
	remote_ids = {record.name: record.remote_id for record in reversed(held)}
	living: dict[str, str] = {}
	changes = []
	for category in _parents_first(tree):
		record = known.get(category.id)
		parent = living.get(category.parent, "")
		# What the children of this category hang below.
		living[category.id] = parent if record and record.removed else category.id
		if record and (record.removed or record.edited):
			continue
		name = names.choose(category, record)
		if not record or (record.category_name, remote_ids.get(record.parent, "")) != (name, parent):
			changes.append(CategoryChange(record.name if record else "", category.id, name, parent))
	return changes


class _Names:
	"""Gives each category a name that no other one has: Bridge calls two of them "Virements internes"."""

	def __init__(self, tree: Mapping[str, Category], held: Sequence[CategoryRecord]) -> None:
		self._tree = tree
		self._owner = {r.category_name: r.remote_id or r.name for r in held if not r.removed}

	def choose(self, category: Category, record: CategoryRecord | None) -> str:
		"""Return the title for a provider's category: the one it has, else the first that is free."""
		parent = self._tree.get(category.parent)
		candidates = [category.name, f"{category.name} ({parent.name if parent else category.id})"]
		candidates.append(f"{category.name} ({category.id})")
		held = record.category_name if record else ""
		if held in candidates:
			return held
		name = next(n for n in candidates if self._owner.get(n, category.id) == category.id)
		self._owner[name] = category.id
		return name


def _parents_first(tree: Mapping[str, Category]) -> list[Category]:
	"""Breadth first from the roots; a category whose parent is unknown is a root."""
	children: dict[str, list[Category]] = {}
	for category in tree.values():
		children.setdefault(category.parent if category.parent in tree else "", []).append(category)
	ordered = list(children.get("", []))
	for category in ordered:
		ordered.extend(child for child in children.get(category.id, []) if child is not category)
	return ordered
