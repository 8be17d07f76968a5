"""What the next fetch of a connection would do; and doing exactly that, without the rows that were left out."""

from __future__ import annotations

from dokos_banksync.desk import runs
from dokos_banksync.desk.arguments import Arguments
from dokos_banksync.desk.contract import Desk
from dokos_banksync.desk.planned import told_plan
from dokos_banksync.desk.telling import journal
from dokos_banksync.engine.preview import agree, plan_sync


def preview_connection(desk: Desk, given: Arguments) -> object:
	"""Asks the provider as a fetch does, and writes nothing but the plan."""
	record = desk.connection(given.text("connection"))
	connector = desk.site.connector(record.provider)
	plan = plan_sync(journal(desk), connector, record.name, clock=desk.site.clock)
	accounts = desk.site.ledger.accounts(record.name)
	return told_plan(desk, plan, {one.source: one.bank_account for one in accounts})


def apply_preview(desk: Desk, given: Arguments) -> object:
	"""Fetches again, and does what was shown. Raises `PlanChanged` where that has become something else."""
	record = desk.connection(given.text("connection"))
	agreed = agree(journal(desk), given.text("key"), given.names("leave_out"))
	ended = desk.site.sync(record.name, plan=agreed)
	return runs.told_run(desk.phrases, record, ended)
