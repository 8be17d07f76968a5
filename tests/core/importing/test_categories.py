from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone

import pytest

from dokos_banksync.core.importing import categories
from dokos_banksync.core.importing.categories import plan_categories
from dokos_banksync.core.model import Category
from dokos_banksync.core.records import CategoryChange, CategoryRecord
from dokos_banksync.core.subscription import Secret
from dokos_banksync.providers.process_stores import ProcessSecretStore
from tests.effort import growth

NOW = datetime(2026, 11, 20, 9, tzinfo=timezone.utc)
BANK, FEES = Category("164", "Banque"), Category("79", "Frais bancaires", "164")


def record(name, title, parent="", remote_id="", *, edited=False, removed=False):
	return CategoryRecord(name, title, parent, remote_id, edited, removed)


HELD = [record("c1", "Banque", "", "164"), record("c2", "Frais bancaires", "c1", "79")]


class Tree:
	"""A provider, the ledger whose categories it gives, and the store of what was read; `asked` counts the calls of each."""

	provider_type = "Bridge"

	def __init__(self) -> None:
		self.now, self.remote, self.held, self.asked = NOW, [BANK, FEES], HELD, Counter()
		self.secret_store = ProcessSecretStore(lambda: self.now)

	def categories(self, kind: str = "") -> list[Category] | list[CategoryRecord]:
		self.asked["ledger" if kind else "provider"] += 1
		return self.held if kind else self.remote

	def change_categories(self, _kind: str, _changes: list[CategoryChange]) -> None:
		self.asked["changes"] += 1

	def read(self, *, after: timedelta = timedelta(0), ends_well: bool = True) -> tuple[int, int, int]:
		"""Return how often the provider and the ledger were asked and the ledger was changed, by a run some time later."""
		self.now += after
		self.asked.clear()
		store = categories.read_categories(self, self, self.secret_store, lambda: self.now)
		if ends_well:
			store()
		return self.asked["provider"], self.asked["ledger"], self.asked["changes"]


def test_a_tree_is_read_once_a_day_and_compared_when_it_has_changed_or_after_a_week():
	tree = Tree()
	assert tree.read() == (1, 1, 0)
	assert tree.read(after=timedelta(hours=19)) == (0, 0, 0)
	assert [tree.read(after=timedelta(days=1)) for _ in range(6)] == [(1, 0, 0)] * 6
	tree.remote = [BANK, Category("79", "Frais", "164")]
	assert tree.read(after=timedelta(hours=20)) == (1, 1, 1)
	tree.held = [HELD[0], record("c2", "Frais", "c1", "79")]
	assert [tree.read(after=timedelta(days=1)) for _ in range(7)] == [(1, 0, 0)] * 6 + [(1, 1, 0)]


def test_a_run_that_fails_has_the_tree_read_again():
	tree = Tree()
	assert [tree.read(ends_well=False), tree.read(), tree.read()] == [(1, 1, 0), (1, 1, 0), (0, 0, 0)]


@pytest.mark.parametrize(
	"stored",
	[
		*("yes", "a b c", "2026-11-01T09:00:00 2026-11-01T09:00:00 abc"),
		"2027-01-01T09:00:00+00:00 2026-11-01T09:00:00+00:00 abc",
	],
)
def test_what_an_older_version_or_a_wrong_clock_has_stored_counts_for_nothing(stored):
	tree = Tree()
	tree.secret_store.put(categories.READ, Secret(stored), NOW + timedelta(days=1))
	assert [tree.read(), tree.read()] == [(1, 1, 0), (0, 0, 0)]


def test_a_tree_is_inserted_parents_first():
	assert plan_categories([FEES, BANK], []) == [
		CategoryChange("", "164", "Banque", ""),
		CategoryChange("", "79", "Frais bancaires", "164"),
	]


def test_an_unchanged_tree_changes_nothing():
	assert plan_categories([BANK, FEES], HELD) == []


def test_a_rename_and_a_move_by_the_provider_are_followed():
	moved = [BANK, Category("79", "Frais", "")]
	assert plan_categories(moved, HELD) == [CategoryChange("c2", "79", "Frais", "")]


def test_what_a_user_renamed_is_kept():
	held = [HELD[0], record("c2", "My fees", "", "79", edited=True)]
	assert plan_categories([BANK, FEES], held) == []


def test_a_deleted_category_is_neither_inserted_again_nor_renamed():
	held = [record("c1", "Bank", "", "164", removed=True)]
	assert plan_categories([BANK], held) == []


def test_a_child_of_a_deleted_category_moves_to_the_nearest_ancestor_that_is_left():
	tree = [BANK, FEES, Category("80", "Agios", "79"), Category("9", "Divers", "8"), Category("8", "Autres")]
	held = [HELD[0], record("c2", "Frais bancaires", "c1", "79", removed=True)]
	held.append(record("c8", "Autres", "", "8", removed=True))
	parents = {change.remote_id: change.parent for change in plan_categories(tree, held)}
	assert parents == {"80": "164", "9": ""}


def test_a_users_own_category_is_left_alone_and_its_name_is_not_taken():
	own = record("mine", "Banque")
	[first, _] = plan_categories([BANK, FEES], [own])
	assert first == CategoryChange("", "164", "Banque (164)", "")


def test_two_categories_of_one_name_are_distinguished_by_their_parents():
	tree = [
		Category("2", "Entrées"),
		Category("303", "Retraits"),
		Category("326", "Virements internes", "303"),
		Category("282", "Virements internes", "2"),
	]
	names = {c.remote_id: c.category_name for c in plan_categories(tree, [])}
	assert len(set(names.values())) == 4
	assert {names["282"], names["326"]} <= {
		"Virements internes",
		"Virements internes (Entrées)",
		"Virements internes (Retraits)",
	}


def test_names_distinguished_stay_as_they_are_the_next_day():
	tree = [Category("2", "In"), Category("3", "Out"), Category("7", "Own", "2"), Category("8", "Own", "3")]
	first = plan_categories(tree, [])
	ids = {c.remote_id: f"n{c.remote_id}" for c in first}
	held = [record(ids[c.remote_id], c.category_name, ids.get(c.parent, ""), c.remote_id) for c in first]
	assert plan_categories(tree, held) == []
	assert plan_categories(tree[::-1], held) == []


def test_categories_that_are_their_own_ancestors_are_left_out():
	loop = [Category("1", "A", "2"), Category("2", "B", "1")]
	assert plan_categories(loop, []) == []


def deep_tree(size):
	deep = [Category(str(n), str(n), str(n - 1)) for n in range(1, size + 1)]
	held = [record(f"c{n}", str(n), f"c{n - 1}", str(n), removed=True) for n in range(1, size)]
	return lambda: plan_categories(deep, held)


def test_a_deep_tree_of_deleted_categories_is_planned_in_linear_effort():
	assert deep_tree(3000)() == [CategoryChange("", "3000", "3000", "")]
	assert growth(deep_tree, 500, times=4) < 5
