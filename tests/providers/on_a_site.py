"""A standalone site with one provider, for tests that go the whole way from consent to bank transactions."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from dokos_banksync.actions.pending_sessions import state_of
from dokos_banksync.core.connection.completing import ConnectResult
from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.sandbox.user import Customer

USER, EMAIL, BACK = "anne", "anne@example.org", "http://127.0.0.1:9/back"


def connect(site: Site, provider: str, user: Customer, institution_id: str = "") -> ConnectResult:
	"""Have a user connect a bank and come back."""
	link = site.begin_connect("Ma banque", provider, institution_id, BACK, USER, EMAIL)
	return come_back(site, link.url, user)


def come_back(site: Site, url: str, user: Customer) -> ConnectResult:
	query = dict(parse_qsl(urlsplit(user.consent(url)).query))
	return site.finish(state_of(query), query, USER)


def feed(site: Site, connection: str, **names: str) -> dict[str, str]:
	"""Link remote accounts, by the beginning of their names, to Bank Accounts; their sources."""
	found: dict[str, str] = {}
	for bank_account, beginning in names.items():
		proposals = site.proposals(connection)
		source = next(one.source for one in proposals if one.remote.account_name.startswith(beginning))
		site.link(connection, [Choice(source, bank_account)])
		found[bank_account] = source
	return found


def booked(site: Site, bank_account: str) -> Counter[tuple[date, Decimal]]:
	"""What the site holds as bank transactions."""
	rows = site.ledger.transactions(bank_account=bank_account, limit=-1)
	return Counter((row.date, row.amount) for row in rows)


def truth(world: Any, key: str) -> Counter[tuple[date, Decimal]]:
	"""What the bank has booked."""
	return Counter((one.day, one.amount) for one in world.truth(key))
