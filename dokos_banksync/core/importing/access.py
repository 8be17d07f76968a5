"""What a provider needs to read a connection."""

from __future__ import annotations

from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.provider import Access
from dokos_banksync.core.records import ConnectionRecord


def access_to(ledger: Ledger, record: ConnectionRecord) -> Access:
	"""Return the access to a connection. Which of its accounts are imported is left open."""
	return Access(record.remote_user, record.remote_id, ledger.grant(record.name))


def access_to_linked(ledger: Ledger, record: ConnectionRecord) -> Access:
	"""Return the access to a connection, with the accounts that are linked to an open Bank Account."""
	linked = [one for one in ledger.accounts(record.name) if one.bank_account]
	ids = [one.remote.remote_id for one in linked if not ledger.bank_account(one.bank_account).closed]
	return access_to(ledger, record)._replace(linked=frozenset(ids))
