"""What the next fetch of a connection would do; and doing exactly that, without the rows that were left out."""

from __future__ import annotations

from collections.abc import Iterable

from dokos_banksync.actions import runs
from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import RequestContext
from dokos_banksync.actions.plan_rows import plan_data
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.review.dry_run import approve, plan_sync


def preview_connection(context: RequestContext, given: Arguments) -> object:
	"""Ask the provider as a fetch does, and write nothing but the plan."""
	record = context.connection(given.text("connection"))
	accounts = {one.source: one.bank_account for one in context.site.ledger.accounts(record.name)}
	_see_all(context, accounts.values())
	provider = context.site.provider_of(record.provider)
	plan = plan_sync(
		context.site.ledger,
		provider,
		record.name,
		clock=context.site.clock,
		progress=context.step,
		context=context.presence,
	)
	return plan_data(context, plan, accounts)


def _see_all(context: RequestContext, accounts: Iterable[str]) -> None:
	"""A preview shows rows of all accounts of the connection. Raises `InvalidData` for who may not see all."""
	visible = {account.name for account in context.bank_accounts("")}
	if not visible.issuperset(filter(None, accounts)):
		raise InvalidData(
			"The connection feeds bank accounts that you may not see: it has no preview for you"
		)


def apply_preview(context: RequestContext, given: Arguments) -> object:
	"""Fetch again, and do what was shown. Raises `PlanChanged` where that has become something else."""
	record = context.connection(given.text("connection"))
	approved = approve(context.site.ledger, given.text("key"), given.names("leave_out"))
	ended = context.site.sync(record.name, progress=context.step, plan=approved, context=context.presence)
	return runs.run_data(context.translations, record, ended)
