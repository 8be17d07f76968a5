"""Two sessions that a user opened for one new connection, as in two windows: neither replaces the other's consent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dokos_banksync.core.connection.connect import ConnectResult, store_outcome
from dokos_banksync.core.importing.validation import checked_completion
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.message import Message
from dokos_banksync.core.provider import Access, Context, Provider, Secret
from dokos_banksync.core.records import ConnectionRecord

_OF_ITS_OWN = (
	"Another window has connected {0} meanwhile ({1}). This login is a connection of its own: {2}. If both are the same login, "
	"disconnect one of them."
)


def complete_beside(
	ledger: Ledger,
	provider: Provider,
	first: ConnectionRecord,
	query: Mapping[str, str],
	session: Secret,
	*,
	context: Context,
) -> ConnectResult:
	"""Complete a session that was opened for a connection before another session completed that one.

	What it brings becomes a connection of its own, with its own grant. Where the provider says that it is the same
	connection, its state and its grant are stored there.
	"""
	access = Access(first.remote_user, taken=(first.remote_id,))
	completed = checked_completion(provider.complete(query, access, session))
	if completed.connection is None or completed.connection.remote_id == first.remote_id:
		return store_outcome(ledger, provider, first, completed=completed, context=context)
	record = ledger.add_connection(first.bank, first.provider, first.institution_id, first.company)
	if first.remote_user:
		record = replace(record, remote_user=first.remote_user)
		ledger.save_connection(record)
	result = store_outcome(ledger, provider, record, completed=completed, context=context)
	message = result.message or Message(_OF_ITS_OWN, first.bank, first.name, record.name)
	return replace(result, message=message)
