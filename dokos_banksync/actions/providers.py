"""Subscriptions with providers."""

from __future__ import annotations

from dokos_banksync.actions import return_address
from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import Desk


def providers(desk: Desk, _given: Arguments) -> object:
	"""The subscriptions, the companies to choose from, and the person's e-mail address where it is known:
	providers want one.
	"""
	rows = [row for row in desk.site.ledger.providers() if row.get("enabled", 1)]
	names = [{"name": row["name"], "environment": row["environment"]} for row in rows]
	return {"providers": names, "companies": list(desk.companies()), "email": desk.email}


def check_provider(desk: Desk, given: Arguments) -> object:
	"""Return what is known of the credentials and the subscription; raises where they do not work."""
	check = desk.site.check_provider(given.text("provider"))
	remarks = [desk.translations.message(remark) for remark in check.remarks]
	return {"remarks": [*remarks, *return_address.remarks(check, desk.callback_url, desk.translations)]}
