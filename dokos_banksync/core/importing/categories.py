"""The provider's category tree, laid over the host's without touching what a user made of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from dokos_banksync.core.importing.validation import checked_categories
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.model import Category
from dokos_banksync.core.provider import Clock, Provider, Secret, SecretStore
from dokos_banksync.core.records import CategoryChange, CategoryRecord

READ = "categories read"
"""Under this key a provider's secret store has when its tree was last read and compared, and the digest of that tree."""

_STAY = timedelta(hours=20)
"""How long a provider's category tree is not read again."""
_COMPARED = timedelta(days=7)
"""How long a tree that has not changed is not compared with the host's."""


def read_categories(
	ledger: Ledger, provider: Provider, secret_store: SecretStore, clock: Clock
) -> Callable[[], None]:
	"""Read the provider's tree once a day, and lay it over the host's where it is another one than before, or weekly.

	Returns what stores that it was read, for the end of the run: a run that fails reads it again.
	"""
	now = clock()
	read_at, compared_at, digest = _last(secret_store, now)
	if read_at and now - read_at < _STAY:
		return lambda: None
	remote = checked_categories(provider.categories())
	found = hashlib.sha256(repr(remote).encode("utf-8", "replace")).hexdigest()[:20]
	if found != digest or compared_at is None or now - compared_at >= _COMPARED:
		kind, compared_at = provider.provider_type, now
		if changes := plan_categories(remote, ledger.categories(kind)):
			ledger.change_categories(kind, changes)
	stored = f"{now.isoformat()} {compared_at.isoformat()} {found}"
	return partial(secret_store.put, READ, Secret(stored), now + _COMPARED)


def _last(secret_store: SecretStore, now: datetime) -> tuple[datetime | None, datetime | None, str]:
	"""Return what is stored under `READ`. A clock that was wrong may have left instants that lie ahead: they are none."""
	stored = secret_store.get(READ)
	try:
		read, compared, digest = stored.reveal().split(" ") if stored else ("", "", "")
		read_at, compared_at = datetime.fromisoformat(read), datetime.fromisoformat(compared)
		in_order = compared_at <= read_at <= now
	except (ValueError, TypeError):  # nothing is stored, or what another version stored
		return None, None, ""
	return (read_at, compared_at, digest) if in_order else (None, None, "")


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
