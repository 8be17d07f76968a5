"""`banksync link`: which Bank Account an account at a bank feeds."""

from __future__ import annotations

from datetime import date

import click

from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.records import AccountRecord
from dokos_banksync.hosts.standalone.cli import names
from dokos_banksync.hosts.standalone.cli.confirmation import confirm, yes_option
from dokos_banksync.hosts.standalone.cli.json_records import account
from dokos_banksync.hosts.standalone.cli.options import day
from dokos_banksync.hosts.standalone.cli.session import Session, session
from dokos_banksync.hosts.standalone.cli.terminal import good


@click.argument("name", metavar="CONNECTION")
@click.argument("remote_account", metavar="[ACCOUNT]", default="")
@click.argument("bank_account", default=None, required=False)
@click.option(
	"--from", "start", type=day, help="First day to import; else the day after the last one, or all."
)
@click.option("--new", is_flag=True, help="It is a new account, though there is one that it may belong to.")
@click.option("--all", "every", is_flag=True, help="Link every account that feeds nothing yet.")
@yes_option
def link(
	name: str,
	remote_account: str,
	bank_account: str | None,
	*,
	start: date | None,
	new: bool,
	every: bool,
	yes: bool,
) -> None:
	"""Let an account at a bank feed a Bank Account; an empty name unlinks."""
	current = session()
	name = names.connection(current.site, name)
	_ask_about_start(current, start, yes)
	if every:
		if remote_account:
			raise click.UsageError(current.t("--all goes without the name of an account"))
		_link_all(current, name, start, new)
	elif not remote_account or bank_account is None:
		raise click.UsageError(current.t("Name an account of the bank and a Bank Account, or give --all"))
	else:
		choice = Choice("", "", start, confirmed=new)
		_link_one(current, name, remote_account, bank_account=bank_account, choice=choice, yes=yes)


def _ask_about_start(current: Session, start: date | None, yes: bool) -> None:
	if start and start > current.clock().date():
		confirm(current.t("{0} is in the future: until then nothing is imported. Link it so?", start), yes)


def _link_one(
	current: Session, name: str, remote_account: str, bank_account: str, choice: Choice, yes: bool
) -> None:
	found = names.remote_account(current.site, name, remote_account)
	_check_listed(found, bank_account)
	target = names.known_bank_account(current.site, bank_account) or bank_account.strip()
	if found.bank_account and target not in ("", found.bank_account):  # unlinking is undone by linking again
		confirm(_question(current, found, target), yes)
	current.site.link(name, [choice._replace(source=found.source, bank_account=target)])
	record = names.remote_account(
		current.site, name, found.remote.remote_id
	)  # its source changes with its target
	current.answer(account(record), lambda: f"{good('✓')} {_render(current, record)}")


def _check_listed(record: AccountRecord, bank_account: str) -> None:
	"""Raise `InvalidData` for an account that the bank no longer lists: it would bring nothing. It can be unlinked."""
	if record.gone and bank_account.strip():
		raise InvalidData(
			"The bank no longer lists {0} ({1}). These are its accounts: banksync accounts {2}",
			record.remote.account_name,
			record.remote.remote_id,
			record.connection,
		)


def _question(current: Session, record: AccountRecord, target: str) -> str:
	return current.t(
		"{0} feeds {1}. Let it feed {2} from now on? What was imported stays.",
		record.remote.account_name,
		record.bank_account,
		target,
	)


def _link_all(current: Session, name: str, start: date | None, new: bool) -> None:
	"""Each account feeds the Bank Account that it most likely belongs to, else a new one of its own name."""
	open_ones = [
		p
		for p in current.site.proposals(name)
		if p.remote.enabled and not _is_linked(current, name, p.source)
	]
	ledger = current.site.ledger
	taken = {held.name for held in (*ledger.bank_accounts(), *ledger.closed_bank_accounts())}
	choices = []
	for proposal in open_ones:
		target = proposal.bank_account or _free_name(proposal.remote.account_name, taken)
		taken.add(target)
		choices.append(Choice(proposal.source, target, start, confirmed=new))
	if choices:
		current.site.link(name, choices)
	linked = {p.remote.remote_id for p in open_ones}
	records = [a for a in current.site.ledger.accounts(name) if a.remote.remote_id in linked]
	nothing = current.t("Every shared account is linked already")
	lines = [f"{good('✓')} {_render(current, record)}" for record in records]
	current.answer([account(record) for record in records], lambda: "\n".join(lines) or nothing)


def _is_linked(current: Session, name: str, source: str) -> bool:
	return any(a.source == source and a.bank_account for a in current.site.ledger.accounts(name))


def _free_name(account_name: str, taken: set[str]) -> str:
	numbered = (f"{account_name} {number}" for number in range(2, 1000))
	return next(one for one in (account_name, *numbered) if one not in taken)


def _render(current: Session, record: AccountRecord) -> str:
	name = record.remote.account_name
	if not record.bank_account:
		return current.t("{0} feeds no bank account any more", name)
	if record.start_date:
		return current.t("{0} feeds {1} from {2}", name, record.bank_account, record.start_date)
	return current.t("{0} feeds {1} with its whole history", name, record.bank_account)
