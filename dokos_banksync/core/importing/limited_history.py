"""Accounts of which the bank gives the last months only, since their first fetch came too late after the consent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.message import Message
from dokos_banksync.core.model import ConnectionStatus, RemoteConnection
from dokos_banksync.core.records import AccountRecord, RunRecord

LIMITED = (
	"The bank gives transactions of {0} from {1} on only; it gives earlier ones right after a consent. Reconnect to fetch "
	"them, or import a statement file of the days before."
)


def with_limits(
	ledger: Ledger,
	run: RunRecord,
	remote: RemoteConnection,
	*,
	accounts: Mapping[str, AccountRecord],
	limited_to: Mapping[str, date],
) -> RemoteConnection:
	"""Return the state of a connection with a message about the accounts, by the provider's id, that lack older rows.

	It lasts until the Bank Account has rows of earlier days, from wherever, or begins on that day. The first fetch of such an
	account says it in the message of its run too.
	"""
	lacking = [one for one, day in limited_to.items() if _lacks_older(ledger, accounts[one], day)]
	if not lacking or remote.message or remote.status is not ConnectionStatus.ACTIVE:
		return remote
	names = ", ".join(accounts[one].remote.account_name for one in lacking)
	message = Message(LIMITED, names, max(limited_to[one] for one in lacking))
	if not run.error_message and any(not accounts[one].cursor for one in lacking):
		run.error_message = message
	return replace(remote, message=message)


def _lacks_older(ledger: Ledger, account: AccountRecord, day: date) -> bool:
	if account.start_date and account.start_date >= day:
		return False
	first = ledger.first_day(account.bank_account)
	return first is None or first >= day
