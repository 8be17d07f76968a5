"""A bank gives the rows of a closed period other ids: the books stay as they are, now and when the period is opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dokos_banksync.core.model import Page, Reason
from dokos_banksync.core.review.proof import prove
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
	"a listing without the old id": (Page([row("2")], complete_from={"a": DAY}),),
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
		assert prove(scene.ledger, "A").unexplained == 0
		close(scene)
		scene.sync(Page([row("2")]))
