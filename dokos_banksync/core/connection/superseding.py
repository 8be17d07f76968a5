"""A connection that was taken over from another tool, and the same login connected again.

The provider makes another connection of it, in which all ids are other ones. Its accounts are offered the Bank Accounts
that the taken-over ones feed. What is linked there ends the older link, so that no Bank Account is fed twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from dokos_banksync.core.connection.account_candidates import account_candidates, feeding, taken_over_feeders
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.records import AccountRecord, ConnectionRecord


def replaced(ledger: Ledger, record: ConnectionRecord, targets: Mapping[str, str]) -> list[AccountRecord]:
	"""Return the taken-over accounts that accounts of `record` replace; `targets` are Bank Accounts by source.

	One is replaced where there is evidence that both are the same account.
	"""
	old = taken_over_feeders(ledger, record)
	return [
		old[targets[account.source]]
		for account in ledger.accounts(record.name)
		if targets.get(account.source) in old
		if targets[account.source]
		in {one.bank_account for one in account_candidates(ledger, record, account)}
	]


def supersede(ledger: Ledger, accounts: Collection[AccountRecord], disconnect: Callable[[str], None]) -> None:
	"""Unlink accounts that others replace. A connection of which none is left linked is ended with `disconnect`."""
	sources = {account.source for account in accounts}
	for connection in sorted({account.connection for account in accounts}):
		own = feeding(ledger, connection)
		if all(account.source in sources for account in own):
			disconnect(connection)
			continue
		for account in own:
			if account.source in sources:
				ledger.link(account.source, "", None)
