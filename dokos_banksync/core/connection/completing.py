"""The outcome of a session on a provider's page: which connection each login becomes, and what a user is told of it.

A session may bring several logins, at several banks; and two windows may have a session each for one new connection. No login
replaces another, and none becomes a connection of a Bank that is not its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from dokos_banksync.core.connection.connect import read_accounts
from dokos_banksync.core.connection.right_bank import bank_of, is_asked_for
from dokos_banksync.core.connection_state import save_state
from dokos_banksync.core.errors import SyncError
from dokos_banksync.core.importing.access import access_to
from dokos_banksync.core.importing.validation import checked_completion
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.message import Message
from dokos_banksync.core.model import RemoteConnection
from dokos_banksync.core.provider import NO_SECRET, UNATTENDED, Access, Completed, Context, Provider, Secret
from dokos_banksync.core.records import AccountRecord, ConnectionRecord


@dataclass(frozen=True)
class ConnectResult:
	"""The outcome of a session on the provider's page."""

	connection: ConnectionRecord
	accounts: Sequence[AccountRecord] = ()
	cancelled: bool = False
	message: str = ""
	pending: bool = False
	"""The provider does not know yet, or more may follow: ask again after `poll_after`."""
	poll_after: timedelta = timedelta()
	others: Sequence[ConnectResult] = ()
	"""What the session connected beside this."""
	remarks: Sequence[str] = ()
	"""A sentence on each of the others, and on each login that was not connected."""


_OF_ITS_OWN = (
	"Another window has connected {0} meanwhile ({1}). This login is a connection of its own: {2}. If both are the same login, "
	"disconnect one of them."
)
_MOVED = "You logged in to {0}, and not to {1}: the connection {2} belongs to the bank {3}. Choose there what to import."
_ALSO = "You also logged in to {0}: choose what to import from the connection {1} of the bank {2}."
_NOT_ALSO = "You also logged in to {0}, which was not connected: {1}"
_NOT_READ = "The accounts of the connection {0} could not be read yet: {1}"


def complete_connect(
	ledger: Ledger,
	provider: Provider,
	connection: str,
	query: Mapping[str, str],
	session: Secret = NO_SECRET,
	*,
	context: Context = UNATTENDED,
) -> ConnectResult:
	"""Ask the provider for the outcome of a session, and store grants, states and accounts.

	The result is `pending` while the provider does not know yet: call again with an empty `query`.
	"""
	record = ledger.connection(connection)
	access = access_to(ledger, record)._replace(taken=_ids_of_others(ledger, record))
	completed = checked_completion(provider.complete(query, access, session))
	return _Outcome(ledger, provider, record, context).store(completed)


def complete_beside(
	ledger: Ledger,
	provider: Provider,
	first: ConnectionRecord,
	query: Mapping[str, str],
	session: Secret,
	*,
	context: Context,
) -> ConnectResult:
	"""Complete a session that was opened for a connection before that one was completed, by another session or this one.

	What it brings becomes a connection of its own, with its own grant. Where the provider says that it is the same
	connection, its state and its grant are stored there.
	"""
	access = Access(first.remote_user, taken={first.remote_id, *_ids_of_others(ledger, first)})
	completed = checked_completion(provider.complete(query, access, session))
	result = _Outcome(ledger, provider, first, context, beside=True).store(completed)
	brought = {one.connection.remote_id for one in (completed, *completed.others) if one.connection}
	if not brought or first.remote_id in brought or result.message or result.connection.bank != first.bank:
		return result
	return replace(result, message=Message(_OF_ITS_OWN, first.bank, first.name, result.connection.name))


def _ids_of_others(ledger: Ledger, record: ConnectionRecord) -> frozenset[str]:
	mine = (one for one in ledger.connections() if one.provider == record.provider)
	return frozenset(one.remote_id for one in mine if one.remote_id and one.name != record.name)


class _Outcome:
	"""Stores what one session brought. With `beside`, the record that it was opened for has its login already."""

	def __init__(
		self,
		ledger: Ledger,
		provider: Provider,
		record: ConnectionRecord,
		context: Context,
		*,
		beside: bool = False,
	) -> None:
		self._ledger, self._provider, self._context = ledger, provider, context
		self._record, self._free = record, not beside

	def store(self, completed: Completed) -> ConnectResult:
		"""Store all that was connected before any account is read: a failure then loses none of it."""
		found = sorted((completed, *completed.others), key=lambda one: not is_asked_for(self._record, one))
		made = [(one, self._stored(one, one.connection)) for one in found if one.connection]
		missing = [one for one in found if one.connection is None]
		state = partial(replace, pending=completed.pending, poll_after=completed.poll_after)
		if not made:
			refused = [_refusal(one) for one in missing[1:]]
			return state(
				ConnectResult(
					self._record, cancelled=missing[0].cancelled, message=missing[0].message, remarks=refused
				)
			)
		others = [self._other(one, record) for one, record in made[1:]]
		remarks = [*(remark for one in others for remark in one.remarks), *map(_refusal, missing)]
		return state(self._main(*made[0]), others=others, remarks=remarks)

	def _stored(self, one: Completed, remote: RemoteConnection) -> ConnectionRecord:
		"""Store the grant and the state of a login, and return its connection."""
		record = self._target(one, remote)
		if one.remote_user and one.remote_user != record.remote_user:
			self._ledger.save_connection(replace(record, remote_user=one.remote_user))
		_store_grant(self._ledger, record.name, one.grant)
		saved = save_state(self._ledger, record.name, remote)
		if record.name == self._record.name:
			self._record, self._free = saved, False
		return saved

	def _target(self, one: Completed, remote: RemoteConnection) -> ConnectionRecord:
		if known := self._known(one, remote):
			return known
		bank = bank_of(self._ledger, self._provider, self._record, one)
		if bank == self._record.bank and self._free:
			return self._record
		made = self._ledger.add_connection(
			bank, self._record.provider, remote.institution_id, self._record.company
		)
		if self._record.remote_user:
			made = replace(made, remote_user=self._record.remote_user)
			self._ledger.save_connection(made)
		return made

	def _known(self, one: Completed, remote: RemoteConnection) -> ConnectionRecord | None:
		"""Return the connection that has a login already: an earlier call for the same session stored it."""
		if remote.remote_id == self._record.remote_id:
			return self._record
		known = self._ledger.connections() if one.institution_name else ()
		ours = (each for each in known if each.provider == self._record.provider)
		return next((each for each in ours if each.remote_id == remote.remote_id), None)

	def _main(self, one: Completed, record: ConnectionRecord) -> ConnectResult:
		"""Return the result at whose Bank the user arrives."""
		accounts = read_accounts(self._ledger, self._provider, record, self._context)
		message = one.message or (one.connection.message if one.connection else "")
		if record.bank != self._record.bank:
			message = Message(_MOVED, one.institution_name, self._record.bank, record.name, record.bank)
		return ConnectResult(record, accounts, cancelled=one.cancelled, message=message)

	def _other(self, one: Completed, record: ConnectionRecord) -> ConnectResult:
		"""Return a further result. Accounts that cannot be read now are read by the next fetch."""
		remarks: list[str] = [Message(_ALSO, one.institution_name, record.name, record.bank)]
		accounts: Sequence[AccountRecord] = self._ledger.accounts(record.name)
		try:
			accounts = accounts or read_accounts(self._ledger, self._provider, record, self._context)
		except SyncError as error:
			remarks.append(Message(_NOT_READ, record.name, error.message))
		return ConnectResult(record, accounts, remarks=remarks)


def _refusal(one: Completed) -> str:
	return Message(_NOT_ALSO, one.institution_name, one.message)


def _store_grant(ledger: Ledger, connection: str, grant: Secret) -> None:
	store = ledger.grant(connection)
	while grant and not store.write(store.read(), grant):
		pass  # another process replaced the old grant meanwhile: the new consent counts
