"""What the next fetch of a connection would do; and doing exactly that, without the rows that were left out."""

from __future__ import annotations

from collections.abc import Iterable

from dokos_banksync.actions import runs
from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import Desk
from dokos_banksync.actions.plan_rows import told_plan
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.review.dry_run import agree, plan_sync


def preview_connection(desk: Desk, given: Arguments) -> object:
	"""Asks the provider as a fetch does, and writes nothing but the plan."""
	record = desk.connection(given.text("connection"))
	accounts = {one.source: one.bank_account for one in desk.site.ledger.accounts(record.name)}
	_see_all(desk, accounts.values())
	connector = desk.site.provider_of(record.provider)
	plan = plan_sync(desk.site.ledger, connector, record.name, clock=desk.site.clock, context=desk.presence)
	return told_plan(desk, plan, accounts)


def _see_all(desk: Desk, accounts: Iterable[str]) -> None:
	"""A preview shows rows of all accounts of the connection. Raises `InvalidData` for who may not see all."""
	seen = {account.name for account in desk.bank_accounts("")}
	if not seen.issuperset(filter(None, accounts)):
		raise InvalidData(
			"The connection feeds bank accounts that you may not see: it has no preview for you"
		)


def apply_preview(desk: Desk, given: Arguments) -> object:
	"""Fetches again, and does what was shown. Raises `PlanChanged` where that has become something else."""
	record = desk.connection(given.text("connection"))
	agreed = agree(desk.site.ledger, given.text("key"), given.names("leave_out"))
	ended = desk.site.sync(record.name, plan=agreed, context=desk.presence)
	return runs.told_run(desk.translations, record, ended)
