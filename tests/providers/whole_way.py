"""A standalone site and a provider's sandbox: connect, link, fetch, and what the bank account then holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from dokos_banksync.actions.pending_sessions import state_of
from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.core.records import RunRecord
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer

CALLBACK = "http://127.0.0.1:9/back"
BANK, PROVIDER, ACCOUNT = "My bank", "Provider", "Current"
LINKED = "Compte courant pro"

Money = tuple[date, Decimal]


class Way:
	"""One connection of a site. `real` is the key of the account at the pretend bank."""

	def __init__(self, home: Path, server: SandboxServer, real: str) -> None:
		self.server, self.real = server, real
		self.site = Site(home, clock=server.world.clock.now)
		self.connection = ""

	def close(self) -> None:
		self.site.close()

	def add_provider(self, kind: str, credentials: Mapping[str, str], base_url: str) -> None:
		self.site.add_provider(PROVIDER, kind, credentials, base_url, "Sandbox")
		self.site.ledger.add_bank(BANK)

	def connect(self, institution: str, user: Customer | None = None) -> None:
		"""Connect the bank and link its main account from the beginning of its history."""
		link = self.site.begin_connect(BANK, PROVIDER, institution, CALLBACK, "anne", "anne@example.org")
		self._return(link.url, user)
		proposal = next(
			one for one in self.site.proposals(self.connection) if one.remote.account_name.startswith(LINKED)
		)
		since, _ = self.server.world.opening(self.real)
		self.site.link(self.connection, [Choice(proposal.source, ACCOUNT, start_date=since)])

	def renew(self, user: Customer | None = None) -> None:
		self._return(self.site.begin_reconnect(self.connection, CALLBACK, "anne", "a@example.org").url, user)

	def _return(self, url: str, user: Customer | None) -> None:
		address = url if url.startswith(CALLBACK) else (user or Customer()).consent(url)
		query = dict(parse_qsl(urlsplit(address).query))
		self.connection = self.site.finish(state_of(query), query, "anne").connection.name

	def sync(self) -> RunRecord:
		return self.site.sync(self.connection)

	def held(self) -> Counter[Money]:
		"""What the bank account holds."""
		rows = self.site.ledger.transactions(bank_account=ACCOUNT, limit=-1)
		return Counter((row.date, row.amount) for row in rows)

	def truth(self) -> Counter[Money]:
		"""What the bank has booked."""
		return Counter((one.day, one.amount) for one in self.server.world.truth(self.real))
