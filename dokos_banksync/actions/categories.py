"""The tree of categories: add, rename, delete."""

from __future__ import annotations

from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import RequestContext


def add_category(context: RequestContext, given: Arguments) -> object:
	"""Create a category and return its name."""
	return context.site.ledger.add_category(given.text("category_name"), given.optional("parent"))


def rename_category(context: RequestContext, given: Arguments) -> object:
	"""Rename a category; the next synchronisation does not change the name back."""
	context.site.ledger.rename_category(given.text("category"), given.text("category_name"))
	return None


def delete_category(context: RequestContext, given: Arguments) -> object:
	"""Delete a category; the next synchronisation does not create it again."""
	context.site.ledger.delete_category(given.text("category"))
	return None
