"""The actions of a user on a connection: connect, choose accounts, reconnect, disconnect."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import NamedTuple
from uuid import uuid4

from dokos_banksync.core.connection.account_candidates import AccountCandidate, account_candidates, likely
from dokos_banksync.core.connection.recent_transactions import compare_recent
from dokos_banksync.core.connection.start_of_import import proposed_start
from dokos_banksync.core.connection.superseding import replaced, supersede
from dokos_banksync.core.connection_state import changed_meanwhile, save_state
from dokos_banksync.core.errors import (
	ConfirmationRequired,
	ConsentRevoked,
	InvalidData,
	NotFound,
	ProviderBug,
)
from dokos_banksync.core.iban import normalize_iban
from dokos_banksync.core.importing.access import access_to, access_to_linked
from dokos_banksync.core.importing.validation import checked_accounts, checked_state
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.matching.windows import start_date
from dokos_banksync.core.model import ConnectionStatus, RemoteAccount, RemoteConnection
from dokos_banksync.core.provider import UNATTENDED, ConnectRequest, Context, Provider, Started
from dokos_banksync.core.records import AccountRecord, ConnectionRecord


class Proposal(NamedTuple):
	"""What Update bank accounts shows for one remote account; `note` explains the start date."""

	source: str
	remote: RemoteAccount
	bank_account: str
	start_date: date | None
	note: str
	candidates: Sequence[AccountCandidate] = ()
	"""Bank Accounts that it may belong to, each with its evidence, the best first."""
	hidden: bool = False
	"""It may belong to a Bank Account that the user may not see, which is not among the candidates."""


class Choice(NamedTuple):
	"""What the user chose: an empty `bank_account` means that the remote account feeds none.

	`account` is the account of the host's chart for a Bank Account that is to be made.
	"""

	source: str
	bank_account: str
	start_date: date | None = None
	account: str = ""
	confirmed: bool = True
	"""False to ask first where a new Bank Account is chosen though there is one that it may belong to."""


def start(
	ledger: Ledger,
	provider: Provider,
	record: ConnectionRecord,
	*,
	callback_url: str,
	state: str,
	email: str,
	country: str = "",
	renew_now: bool = False,
	context: Context = UNATTENDED,
) -> Started:
	"""Return the address of the provider's page, for a new consent or for managing the one there is.

	Each connection has a provider's user of its own: its data, tokens and limits then mix with no other's,
	and ending it ends just that. `country` (ISO 3166) is for providers on whose page the bank is chosen.
	"""
	request = ConnectRequest(
		callback_url=callback_url,
		state=state,
		user_key=uuid4().hex,
		email=email,
		access=access_to(ledger, record),
		institution_id=record.institution_id,
		country=country,
		renew_now=renew_now and bool(record.remote_id),
		context=context,
	)
	started = provider.start(request)
	if not started.url.startswith(("https://", "http://")):
		raise ProviderBug(
			"The provider names no page on which to go on. Connect the bank again; if it happens again, report it to the provider's "
			"support."
		)
	if started.remote_user and started.remote_user != record.remote_user:
		ledger.save_connection(replace(record, remote_user=started.remote_user))
	return started


def refresh(
	ledger: Ledger, provider: Provider, connection: str, context: Context = UNATTENDED
) -> list[AccountRecord]:
	"""Read state and accounts again, for accounts that were shared or closed meanwhile.

	Finds what was connected by a user who closed the provider's last page and never came back.
	"""
	record = ledger.connection(connection)
	access = access_to(ledger, record)
	remote = provider.status(access) if record.remote_id else _lost(ledger, provider, record)
	if changed_meanwhile(ledger, record):
		return ledger.accounts(connection)
	saved = save_state(ledger, connection, checked_state(remote))
	return read_accounts(ledger, provider, saved, context)


def _lost(ledger: Ledger, provider: Provider, record: ConnectionRecord) -> RemoteConnection:
	"""Return the only connection of the provider's user, who belongs to this record alone."""
	listing = provider.capabilities.lists_connections and record.remote_user
	found = provider.connections(access_to(ledger, record)) if listing else []
	if len(found) != 1:
		raise NotFound("{0} is not connected yet: open the bank and click Connect your bank", record.name)
	return found[0]


def read_accounts(
	ledger: Ledger, provider: Provider, record: ConnectionRecord, context: Context
) -> list[AccountRecord]:
	"""Store the accounts that the provider lists for a connection, and return them."""
	access = access_to_linked(ledger, record)
	remote = checked_accounts(provider.accounts(access, context))
	accounts = ledger.save_accounts(record.name, remote)
	by_content = provider.capabilities.content_ids
	accounts = ledger.accounts(record.name) if _carry_links(ledger, accounts, by_content) else accounts
	compare_recent(ledger, provider, record, context=context, access=access)
	return accounts


def _carry_links(ledger: Ledger, accounts: Sequence[AccountRecord], by_content: bool) -> bool:
	"""After a reconnect that changed every id: the account with the same IBAN and currency takes the link over.

	Names prove nothing; where IBAN and currency fit several accounts, the user is asked. Rows whose ids are made of
	their content have the same ids in both accounts: the old account then continues, and no row is linked anew.
	"""
	carry = ledger.continue_account if by_content else ledger.move_account
	moved = False
	for old in (a for a in accounts if a.gone and a.bank_account):
		successors = [a for a in accounts if not a.gone and not a.bank_account and _same_account(a, old)]
		rivals = [a for a in accounts if a.gone and a.bank_account and _same_account(a, old)]
		if len(successors) == len(rivals) == 1:
			carry(old.source, successors[0].source)
			moved = True
	return moved


def _same_account(one: AccountRecord, other: AccountRecord) -> bool:
	a, b = one.remote, other.remote
	return bool(a.iban) and (normalize_iban(a.iban), a.currency) == (normalize_iban(b.iban), b.currency)


def proposals(ledger: Ledger, connection: str) -> list[Proposal]:
	"""Return what Update bank accounts shows, with the Bank Account that each remote account most likely belongs to."""
	record = ledger.connection(connection)
	return [_propose(ledger, record, a) for a in ledger.accounts(connection) if not a.gone]


def _propose(ledger: Ledger, record: ConnectionRecord, account: AccountRecord) -> Proposal:
	propose = partial(Proposal, account.source, account.remote)
	if account.bank_account:
		return propose(account.bank_account, account.start_date, note="")
	if not account.remote.enabled:
		return propose("", None, note="Not shared: update the credentials to share it")
	candidates = account_candidates(ledger, record, account)
	chosen = likely(candidates)
	if chosen is None:
		return propose("", None, note="All the history that the bank gives", candidates=candidates)
	start, note = proposed_start(ledger, connection=record.name, bank_account=chosen.bank_account)
	return propose(chosen.bank_account, start, note=note, candidates=candidates)


def link(
	ledger: Ledger, connection: str, choices: Sequence[Choice], *, end: Callable[[str], None] | None = None
) -> None:
	"""Link remote accounts to Bank Accounts, creating those that do not exist; change nothing on an error.

	A taken-over connection that fed them until now is replaced; `end` disconnects it when no account is left. Raises
	`NotFound` for an account that the connection lacks, `InvalidData` for another currency or company, a closed one, or two on one.
	"""
	record = ledger.connection(connection)
	accounts = {a.source: a for a in ledger.accounts(connection)}
	for choice in choices:
		_check_choice(ledger, record, accounts, choice)
	_check_targets(accounts, choices)
	if end and (older := replaced(ledger, record, {one.source: one.bank_account for one in choices})):
		supersede(ledger, older, end)
	for choice in choices:
		_link_one(ledger, record, accounts[choice.source], choice)


def _check_choice(
	ledger: Ledger, record: ConnectionRecord, accounts: Mapping[str, AccountRecord], choice: Choice
) -> None:
	if choice.source not in accounts:
		raise NotFound("This connection has no account {0}", choice.source)
	remote = accounts[choice.source].remote
	if not choice.bank_account:
		return
	if not exists(ledger, choice.bank_account):
		_ask_before_new(ledger, record, accounts[choice.source], choice)
		return
	target = ledger.bank_account(choice.bank_account)
	if target.closed and accounts[choice.source].bank_account != target.name:
		raise InvalidData("The bank account {0} is closed: open it again, or choose another one", target.name)
	if remote.currency != target.currency:
		raise InvalidData(
			"{0} is in {1} and {2} in {3}: choose a bank account in the same currency",
			remote.account_name,
			remote.currency,
			target.name,
			target.currency,
		)
	if record.company and target.company and record.company != target.company:
		raise InvalidData(
			"{0} belongs to {1} and the connection to {2}: choose a bank account of the same company",
			target.name,
			target.company,
			record.company,
		)


def _ask_before_new(ledger: Ledger, record: ConnectionRecord, account: AccountRecord, choice: Choice) -> None:
	candidates = [] if choice.confirmed else account_candidates(ledger, record, account)
	if candidates:
		raise ConfirmationRequired(
			"{0} may belong to {1} (its evidence: {2}): link it to that, or confirm that {3} is a new one",
			account.remote.account_name,
			candidates[0].bank_account,
			candidates[0].evidence,
			choice.bank_account,
		)


def _check_targets(accounts: Mapping[str, AccountRecord], choices: Sequence[Choice]) -> None:
	targets = {a.source: a.bank_account for a in accounts.values() if not a.gone}
	targets.update({choice.source: choice.bank_account for choice in choices})
	fed = [target for target in targets.values() if target]
	for target in fed:
		if fed.count(target) > 1:
			raise InvalidData("Two accounts of one connection cannot both feed {0}", target)


def exists(ledger: Ledger, bank_account: str) -> bool:
	"""Return whether there is a Bank Account of this name, open or closed."""
	try:
		ledger.bank_account(bank_account)
	except NotFound:
		return False
	return True


def _link_one(ledger: Ledger, record: ConnectionRecord, account: AccountRecord, choice: Choice) -> None:
	if not choice.bank_account:
		ledger.link(account.source, "", None)
		return
	remote = account.remote
	if exists(ledger, choice.bank_account):
		target = ledger.bank_account(choice.bank_account)
	else:
		target = ledger.add_bank_account(
			choice.bank_account,
			record.bank,
			remote.currency,
			iban=remote.iban,
			company=record.company,
			account=choice.account,
		)
	if account.bank_account == target.name and choice.start_date == account.start_date:
		return
	start = start_date(choice.start_date, ledger.last_day(target.name), target.lock_date)
	ledger.link(account.source, target.name, start)


def disconnect(ledger: Ledger, provider: Provider, connection: str) -> None:
	"""End the consent at the provider, then here. Transactions, lines and runs stay."""
	record = ledger.connection(connection)
	if record.remote_user or record.remote_id:
		provider.revoke(access_to(ledger, record))
	ledger.forget_grant(connection)
	ledger.save_connection(
		replace(
			record,
			status=ConnectionStatus.DISCONNECTED,
			status_code=ConsentRevoked.code,
			status_message="Disconnected by a user",
			status_reference="",
			remote_user="",
			remote_id="",
			consent_expires_at=None,
		)
	)
