"""The tree of categories: add, rename, delete."""

from __future__ import annotations

from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import Desk


def add_category(desk: Desk, given: Arguments) -> object:
	return desk.site.ledger.add_category(given.text("category_name"), given.optional("parent"))


def rename_category(desk: Desk, given: Arguments) -> object:
	desk.site.ledger.rename_category(given.text("category"), given.text("category_name"))
	return None


def delete_category(desk: Desk, given: Arguments) -> object:
	desk.site.ledger.delete_category(given.text("category"))
	return None
