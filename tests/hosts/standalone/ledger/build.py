"""A ledger with a connection, ready for lines."""

from __future__ import annotations

from dataclasses import replace

from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.core.provider import Secret, Subscription
from dokos_banksync.hosts.standalone.ledger import SqliteLedger

OPENED: list[SqliteLedger] = []
"""Ledgers made by the present test. Those that it leaves open are closed after it, as Python 3.13 warns of them."""


def connected_ledger(folder, **more):
	"""A fresh ledger in a folder, and the name of its one connection."""
	ledger = SqliteLedger(folder / "banksync.db", folder / "key", **more)
	OPENED.append(ledger)
	ledger.add_provider(
		"Bridge", Subscription("bridge", {"client_id": "id"}, {"client_secret": Secret("secret")})
	)
	record = ledger.add_connection("Banque du Port", "bridge")
	ledger.save_connection(
		replace(record, status=ConnectionStatus.ACTIVE, remote_user="user-1", remote_id="item-1")
	)
	return ledger, record.name
