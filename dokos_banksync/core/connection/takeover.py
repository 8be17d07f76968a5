"""Take over the connection of another tool: what it would change, and the change.

ERPNext and Dokos store an access token of Plaid on a Bank and the id of an account on a Bank Account. With that token
the connection is used here: no user gives a new consent, and all ids stay what they are. The dry run makes the decisions
that the first import makes, with the same code, and stores nothing.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple, cast

from dokos_banksync.core.connection_state import save_state
from dokos_banksync.core.errors import DuplicateConnection, InvalidData, SyncError
from dokos_banksync.core.importing.access import access_to
from dokos_banksync.core.importing.earlier_rows import SIGN_REVERSED
from dokos_banksync.core.importing.sync import sync
from dokos_banksync.core.importing.validation import checked_accounts, checked_state
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.matching.windows import start_date
from dokos_banksync.core.message import Message
from dokos_banksync.core.model import (
	Action,
	ConnectionStatus,
	Decision,
	MatchEvidence,
	Reason,
	RemoteAccount,
	RemoteConnection,
)
from dokos_banksync.core.provider import Access, Clock, Provider, Secret
from dokos_banksync.core.records import AccountRecord, Candidate, ConnectionRecord, NotUndone, UnmatchedItem

WEBHOOKS_ELSEWHERE = (
	"The provider still sends its webhooks to the other tool: {0} The connection is fetched by its schedule"
)

_DRY = "takeover"
"""Name of the connection in a dry run; no connection of a ledger has it."""


class EarlierAccount(NamedTuple):
	"""A Bank Account that another tool feeds, and the provider's id of its account."""

	bank_account: str
	remote_id: str
	mask: str = ""
	"""The last digits of the account's number."""


@dataclass(frozen=True)
class EarlierConnection:
	"""One connection of another tool."""

	bank: str
	grant: Secret
	accounts: Sequence[EarlierAccount]
	company: str = ""


class Pairing(NamedTuple):
	"""A Bank Account and the account of the provider that feeds it; None where the provider has none that it can be."""

	earlier: EarlierAccount
	remote: RemoteAccount | None
	start_date: date | None
	by_mask: bool = False
	"""The id is unknown by now, and the last digits belong to one account alone."""


@dataclass(frozen=True)
class AccountForecast:
	"""What the first import would do to one Bank Account."""

	pairing: Pairing
	counts: Mapping[str, int]
	"""Rows that are `linked_by_id`, `linked_by_content`, `new`, a `question`, `sign_reversed` or `not_imported`."""
	reversed_rows: Sequence[Candidate] = ()
	"""Bank transactions that are stored with the sign reversed."""
	unmatched: Sequence[UnmatchedItem] = ()
	"""Bank transactions from the start date on that the provider does not list."""


@dataclass(frozen=True)
class Forecast:
	"""What a takeover would do. `remote` is the connection as the provider sees it."""

	remote: RemoteConnection
	accounts: Sequence[AccountForecast]


def forecast(
	ledger: Ledger,
	provider: Provider,
	provider_name: str,
	earlier: EarlierConnection,
	*,
	clock: Clock,
) -> Forecast:
	"""Return what taking over would do. Ask the provider and store nothing."""
	remote, pairings = _read(ledger, provider, provider_name, earlier)
	virtual = _DryLedger(ledger, provider_name, earlier, remote=remote, pairings=pairings)
	decisions: list[Decision] = []
	if any(one.remote for one in pairings):
		sync(cast(Ledger, virtual), provider, _DRY, clock=clock, preview=decisions.append)
	return Forecast(remote, [_forecast_one(ledger, one, decisions) for one in pairings])


def take_over(
	ledger: Ledger, provider: Provider, provider_name: str, earlier: EarlierConnection
) -> ConnectionRecord:
	"""Create the connection with the other tool's access, and link its accounts to their Bank Accounts.

	The provider's webhooks are sent here from now on, where the provider can do that. What the way back needs is stored
	as JSON text: `bank`, `accounts` (the provider's ids by Bank Account), and `webhook` (the address of before) where it
	was changed. The other tool is left as it is: its host ends that. Raises `DuplicateConnection` where the connection
	is used here already, `InvalidData` where no account is left.
	"""
	remote, pairings = _read(ledger, provider, provider_name, earlier)
	linked = {p.remote.remote_id: p for p in pairings if p.remote}
	if not linked:
		raise InvalidData(
			"The provider shares none of the accounts of {0}: connect the bank again", earlier.bank
		)
	record = ledger.add_connection(
		earlier.bank, provider_name, institution_id=remote.institution_id, company=earlier.company
	)
	ledger.grant(record.name).write(None, earlier.grant)
	memo = {
		"bank": earlier.bank,
		"accounts": {one.bank_account: one.remote_id for one in earlier.accounts},
	}
	ledger.save_connection(replace(record, takeover=json.dumps(memo)))
	save_state(ledger, record.name, remote)
	access = Access("", remote.remote_id, ledger.grant(record.name))
	for account in ledger.save_accounts(record.name, checked_accounts(provider.accounts(access))):
		pairing = linked.get(account.remote.remote_id)
		if pairing:
			ledger.link(account.source, pairing.earlier.bank_account, pairing.start_date)
	return _with_webhooks(ledger, provider, record.name, access)


def _with_webhooks(ledger: Ledger, provider: Provider, name: str, access: Access) -> ConnectionRecord:
	"""Have the webhooks sent here, and store where they went. Without them the schedule still fetches: a failure is noted."""
	record = ledger.connection(name)
	try:
		before = provider.move_webhooks(access)
	except SyncError as error:
		saved = replace(record, status_message=Message(WEBHOOKS_ELSEWHERE, error.message))
	else:
		if before is None:
			return record
		saved = replace(record, takeover=json.dumps({**json.loads(record.takeover), "webhook": before}))
	ledger.save_connection(saved)
	return saved


def give_back(
	ledger: Ledger,
	provider: Provider,
	connection: str,
	runs: Sequence[str],
	restore: Callable[[], None],
) -> list[NotUndone]:
	"""Undo what the runs did, the latest first, and forget the access without ending it at the provider.

	The webhooks go where they went before. `restore` gives the other tool its access back. It is called while nothing is
	fetched, before ours is forgotten. Return what stays as it is, reconciled bank transactions for example. Raises
	`InvalidData` for a connection that was not taken over, or whose Bank Accounts another connection feeds by now.
	"""
	record = ledger.connection(connection)
	_check_way_back(ledger, record)
	not_undone: list[NotUndone] = []
	for run in runs:
		if ledger.undoable(run):
			not_undone += ledger.undo(run, again=True).not_undone
	with ledger.hold(connection):
		for account in ledger.accounts(connection):
			ledger.link(account.source, "", None)
		_move_webhooks_back(provider, record, access_to(ledger, record))
		restore()
		ledger.forget_grant(connection)
		ledger.save_connection(_given_back(ledger.connection(connection)))
	return not_undone


def _check_way_back(ledger: Ledger, record: ConnectionRecord) -> None:
	if not record.takeover:
		raise InvalidData("{0} was not taken over from another tool: disconnect it instead", record.name)
	names = json.loads(record.takeover).get("accounts", {})
	for other in ledger.connections():
		if other.name != record.name and other.status is not ConnectionStatus.DISCONNECTED:
			for account in ledger.accounts(other.name):
				if account.bank_account in names and not account.gone:
					raise InvalidData(
						"{0} is fed by {1} by now: both tools would import it. Choose “Do not import” for it in Update "
						"bank accounts first",
						account.bank_account,
						other.name,
					)


def _move_webhooks_back(provider: Provider, record: ConnectionRecord, access: Access) -> None:
	"""The other tool fetches by its own schedule, so a provider that does not answer does not stop the way back."""
	before = json.loads(record.takeover).get("webhook")
	if before is not None:
		with suppress(SyncError):
			provider.move_webhooks(access, before)


def _given_back(record: ConnectionRecord) -> ConnectionRecord:
	return replace(
		record,
		status=ConnectionStatus.DISCONNECTED,
		status_code="",
		status_message="Given back to the tool that it was taken over from",
		status_reference="",
		remote_id="",
		consent_expires_at=None,
		takeover="",
	)


def _read(
	ledger: Ledger, provider: Provider, provider_name: str, earlier: EarlierConnection
) -> tuple[RemoteConnection, list[Pairing]]:
	if not provider.capabilities.takes_over:
		raise InvalidData("{0} cannot take over the connection of another tool", provider_name)
	remote = checked_state(provider.connection_of(earlier.grant))
	for one in ledger.connections():
		if one.remote_id == remote.remote_id and one.status is not ConnectionStatus.DISCONNECTED:
			raise DuplicateConnection("{0} is used by the connection {1} already", earlier.bank, one.name)
	access = Access("", remote.remote_id, _Given(earlier.grant))
	accounts = [one for one in checked_accounts(provider.accounts(access)) if one.enabled]
	return remote, [_pair(ledger, one, accounts, earlier) for one in earlier.accounts]


def _pair(
	ledger: Ledger, one: EarlierAccount, accounts: Sequence[RemoteAccount], earlier: EarlierConnection
) -> Pairing:
	target = ledger.bank_account(one.bank_account)
	same = [remote for remote in accounts if remote.remote_id == one.remote_id]
	known = {other.remote_id for other in earlier.accounts}
	digits = [
		remote
		for remote in accounts
		if one.mask and remote.details.get("mask") == one.mask and remote.remote_id not in known
	]
	same_bank = [other for other in earlier.accounts if other.mask == one.mask]
	found = same or (digits if len(digits) == len(same_bank) == 1 else [])
	fitting = [remote for remote in found if remote.currency == target.currency]
	start = start_date(ledger.first_day(target.name), None, target.lock_date)
	return Pairing(one, fitting[0] if fitting else None, start, by_mask=bool(fitting) and not same)


def _forecast_one(ledger: Ledger, pairing: Pairing, decisions: Sequence[Decision]) -> AccountForecast:
	own = [d for d in decisions if d.bank_account == pairing.earlier.bank_account]
	names = sorted({d.proposed for d in own if d.note == SIGN_REVERSED})
	taken = {d.transaction for d in own} | {d.proposed for d in own}
	unmatched = [
		item
		for item in (ledger.unmatched(pairing.earlier.bank_account) if pairing.remote else ())
		if item.reason is Reason.NONE and item.name not in taken
		if pairing.start_date is None or item.day >= pairing.start_date
	]
	return AccountForecast(
		pairing,
		Counter(map(_kind, own)),
		reversed_rows=ledger.candidates(names) if names else (),
		unmatched=unmatched,
	)


def _kind(made: Decision) -> str:
	if made.action is Action.LINK:
		return "linked_by_id" if made.evidence is MatchEvidence.EXACT_ID else "linked_by_content"
	if made.action is Action.NEW:
		return "new"
	if made.note == SIGN_REVERSED:
		return "sign_reversed"
	return "question" if made.reason is Reason.AMBIGUOUS else "not_imported"


class _Given:
	"""The grant of another tool, read only."""

	def __init__(self, grant: Secret) -> None:
		self._grant = grant

	def read(self) -> Secret:
		"""See `GrantStore.read`."""
		return self._grant

	def write(self, expected: Secret | None, grant: Secret) -> bool:  # noqa: ARG002
		"""Return False: a dry run stores no grant."""
		return False

	def lock(self) -> Any:
		"""Raise `InvalidData`: a provider asks for the lock only to replace the grant."""
		raise InvalidData("The access of another tool is not replaced in a dry run")


def _dry_account(pairing: Pairing, remote: RemoteAccount) -> AccountRecord:
	return AccountRecord(
		source=f"{_DRY} {remote.remote_id}",
		connection=_DRY,
		remote=remote,
		bank_account=pairing.earlier.bank_account,
		start_date=pairing.start_date,
	)


class _DryLedger:
	"""A ledger as it would be with the connection. What is asked of the connection is answered here."""

	def __init__(
		self,
		ledger: Ledger,
		provider_name: str,
		earlier: EarlierConnection,
		*,
		remote: RemoteConnection,
		pairings: Sequence[Pairing],
	) -> None:
		self._ledger, self._grant = ledger, earlier.grant
		self._record = ConnectionRecord(
			_DRY, earlier.bank, provider_name, status=remote.status, remote_id=remote.remote_id
		)
		self._accounts = [_dry_account(p, p.remote) for p in pairings if p.remote]

	def __getattr__(self, name: str) -> Any:
		return getattr(self._ledger, name)

	def connection(self, name: str, *, with_runs: bool = False) -> ConnectionRecord:  # noqa: ARG002
		"""Return the connection as the takeover would create it."""
		return self._record

	def accounts(self, connection: str) -> list[AccountRecord]:  # noqa: ARG002
		"""Return the remote accounts with the bank accounts that they would feed."""
		return self._accounts

	def grant(self, connection: str) -> _Given:  # noqa: ARG002
		"""Return the grant of the other tool, read only."""
		return _Given(self._grant)
