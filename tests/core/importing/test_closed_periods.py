"""A bank gives the rows of a closed period other ids: the books stay as they are, now and when the period is opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dokos_banksync.core.model import Action, Decision, Page, Reason
from tests.core.scripted import DAY, Scene, row

OPEN = None


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
	made = Scene(tmp_path)
	with made.ledger:
		yield made


def held(scene: Scene, *reasons: Reason) -> list[str]:
	with scene.ledger.batch() as batch:
		return sorted(
			known.line.remote_id
			for known in batch.held(scene.sources["a"], reasons or tuple(Reason))
			if known.reason not in (Reason.REMOVED, Reason.NONE)
		)


def names(scene: Scene) -> set[str]:
	"""Return the names of the bank transactions."""
	return {one.name for one in scene.ledger.transactions(bank_account="A", limit=100)}


def linked(scene: Scene) -> dict[str, str]:
	"""Return the bank transaction of each row that has one."""
	stored = scene.ledger.linked(scene.sources["a"], DAY.replace(day=1))
	return {one.line.remote_id: one.transaction.name for one in stored if one.transaction}


def close(scene: Scene) -> None:
	scene.ledger.set_lock_date("A", DAY)


def open_again(scene: Scene) -> None:
	scene.ledger.set_lock_date("A", OPEN)


ORDERS = {
	"at once": (Page([row("2")], removed=[("a", "1")]),),
	"the removal first": (Page([], removed=[("a", "1")]), Page([row("2")])),
	"a listing without the old id": (Page([row("2"), row("9", "-45", day=1)], complete_from={"a": DAY}),),
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("runs", [1, 2])
def test_a_row_under_another_id_is_the_kept_transaction(scene: Scene, order: str, runs: int) -> None:
	scene.sync(Page([row("1"), row("9", "-45", day=1)]))
	before = names(scene)
	close(scene)
	pages = ORDERS[order]
	if runs == 1:
		scene.sync(*pages)
	else:
		for page in pages:
			scene.sync(page)
	assert names(scene) == before
	for _ in range(2):
		open_again(scene)
		scene.sync(Page([]))
		scene.sync(Page([row("2")]))
		assert names(scene) == before
		assert linked(scene).keys() == {"2", "9"}
		assert held(scene) == []
		close(scene)
		scene.sync(Page([row("2")]))


def test_two_equal_rows_of_which_one_has_another_id_stay_two(scene: Scene) -> None:
	scene.sync(Page([row("1"), row("2")]))
	before = names(scene)
	close(scene)
	scene.sync(Page([row("3")], removed=[("a", "1")]))
	open_again(scene)
	scene.sync(Page([row("3")]))
	assert names(scene) == before
	assert linked(scene).keys() == {"2", "3"}
	assert set(linked(scene).values()) == before


def test_all_rows_under_other_ids_are_the_kept_transactions(scene: Scene) -> None:
	old = [row(f"old {number}", f"-{number % 4 + 1}", f"CB SHOP {number % 3}") for number in range(24)]
	scene.sync(Page(old))
	before = names(scene)
	close(scene)
	new = [one._replace(remote_id=one.remote_id.replace("old", "new")) for one in old]
	scene.sync(Page(new, complete_from={"a": DAY}))
	assert names(scene) == before
	open_again(scene)
	scene.sync(Page(new, complete_from={"a": DAY}))
	assert names(scene) == before
	assert set(linked(scene).values()) == before
	assert {name.split()[0] for name in linked(scene)} == {"new"}


def test_a_row_that_changed_with_its_id_becomes_no_second_transaction_of_the_first(scene: Scene) -> None:
	"""The bank corrected an amount of a closed period: both are there when it is opened, and the proof names the kept one."""
	scene.sync(Page([row("1")]))
	close(scene)
	scene.sync(Page([row("2", "-3.40")], removed=[("a", "1")]))
	assert scene.amounts() == ["-3.20"]
	open_again(scene)
	scene.sync(Page([row("2", "-3.40")]))
	assert scene.amounts() == ["-3.40", "-3.20"]


def test_the_dry_run_says_what_the_run_does(scene: Scene) -> None:
	scene.sync(Page([row("1")]))
	close(scene)
	scene.sync(Page([row("2")], removed=[("a", "1")]))
	open_again(scene)
	seen: list[Decision] = []
	scene.sync(Page([row("2")]), preview=seen.append)
	assert [(one.action, one.line.remote_id) for one in seen] == [(Action.LINK, "2")]
	run = scene.sync(Page([row("2")]))
	assert (run.created, run.linked) == (0, 1)


def test_a_new_row_of_a_closed_period_is_imported_once_it_is_opened(scene: Scene) -> None:
	scene.sync(Page([row("9", "-45", day=1)]))
	close(scene)
	scene.sync(Page([row("1")]))
	assert held(scene, Reason.LOCKED) == ["1"]
	open_again(scene)
	for _ in range(2):
		scene.sync(Page([]))
		assert scene.amounts() == ["-45.00", "-3.20"]
