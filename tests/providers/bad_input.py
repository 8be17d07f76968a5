"""What can be wrong about a subscription or happen to a connection, done to each provider's sandbox."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from dokos_banksync.sandbox.bridge.simulations import simulate
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.providers import every_provider
from tests.providers.every_provider import Given
from tests.providers.whole_way import CALLBACK, Way

MAIN = every_provider.MAIN
ROWS: Mapping[str, str] = {
	"bridge": r"/v3/aggregation/transactions",
	"enable-banking": r"/enable_banking/accounts/[^/]+/transactions",
	"gocardless": r"/gocardless/api/v2/accounts/[^/]+/transactions/",
	"plaid": r"/plaid/transactions/sync",
	"ponto": r"/ponto/ponto-connect/accounts/[^/]+/transactions",
	"powens": r"/powens/2.0/users/me/accounts/[^/]+/transactions",
	"salt-edge": r"/salt-edge/api/v6/transactions",
}
"""Where each provider lists transactions."""
STATE: Mapping[str, str] = {
	"bridge": r"/v3/aggregation/items/.*",
	"enable-banking": r"/enable_banking/sessions/.*",
	"gocardless": r"/gocardless/api/v2/requisitions/.*",
	"plaid": r"/plaid/item/get",
	"ponto": r"/ponto/ponto-connect/accounts",
	"powens": r"/powens/2.0/users/me/connections/\d+",
	"salt-edge": r"/salt-edge/api/v6/connections/\d+",
}
"""Where each provider says how a connection is."""
PROVIDERS: Mapping[str, Callable[[SandboxServer], Given]] = {
	one.__name__.replace("_", "-"): one for one in every_provider.EVERY_PROVIDER
}


class At(Fault):
	"""A fault of the calls whose whole path matches a regular expression, from the first one or a later one on."""

	def __init__(self, kind: str, pattern: str, *, after: int = 0, count: int | None = None) -> None:
		super().__init__(kind, "", count=count, after=after)
		self._pattern = re.compile(pattern)

	def hits(self, method: str, path: str) -> bool:
		"""Count a call that matches; return whether it goes wrong."""
		return bool(self._pattern.fullmatch(path)) and super().hits(method, path)


class Happening(At):
	"""Something that happens at the provider just before one call is answered. The call itself is not changed."""

	def __init__(self, pattern: str, action: Callable[[], object], *, after: int = 0) -> None:
		super().__init__("latency", pattern, after=after, count=1)
		self._action = action

	def hits(self, method: str, path: str) -> bool:
		"""Let it happen at its call."""
		if super().hits(method, path):
			self._action()
		return False


def way_to(folder: Path, server: SandboxServer, name: str) -> tuple[Way, Given]:
	"""Return a site that knows a provider and its sandbox, with nothing connected."""
	given = PROVIDERS[name](server)
	every_provider.register_return(server, CALLBACK)
	way = Way(folder / "home", server, MAIN)
	way.add_provider(given.kind, given.keys, given.url)
	return way, given


@contextmanager
def begun(folder: Path, name: str) -> Iterator[tuple[Way, Given]]:
	"""Yield the same with a sandbox of its own."""
	with every_provider.serving() as server:
		way, given = way_to(folder, server, name)
		try:
			yield way, given
		finally:
			way.close()


class Story:
	"""A connected bank of one provider, with the rows of its main account imported."""

	def __init__(
		self, folder: Path, server: SandboxServer, name: str, accounts: Sequence[str] | None = None
	) -> None:
		self.name, self.server = name, server
		self.way, given = way_to(folder, server, name)
		self.user = Customer(login=given.login, accounts=accounts)
		self.way.connect(given.institution, self.user)

	@property
	def remote_id(self) -> str:
		"""Return the provider's id of the connection."""
		return self.way.site.ledger.connection(self.way.connection).remote_id

	def user_of_all(self) -> Customer:
		"""Return the same user, who shares all accounts that the page offers."""
		offered = self.server.world.accounts(574, self.user.login)
		return Customer(login=self.user.login, accounts=[one.facts.name for one in offered])

	def pass_days(self, days: int) -> None:
		"""Let days pass one by one, as the bank books them."""
		for _ in range(days):
			self.server.world.advance(days=1)

	def end_consent(self) -> None:
		"""The consent ends at the provider."""
		_END[self.name](self)

	def end_access(self) -> None:
		"""The user, another program or the provider ends the access elsewhere; nobody tells us."""
		_ELSEWHERE[self.name](self)


@contextmanager
def story(
	folder: Path, name: str, years: float = 0.1, accounts: Sequence[str] | None = None
) -> Iterator[Story]:
	"""Serve a provider's sandbox with a connected bank; `accounts` are those that the user shares, by name."""
	with every_provider.serving(years=years) as server:
		made = Story(folder, server, name, accounts)
		try:
			yield made
		finally:
			made.way.close()


@cache
def other_key() -> str:
	"""Return an RSA key that is registered nowhere, in PEM format."""
	key = rsa.generate_private_key(65537, 2048)
	return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _end_ponto(made: Story) -> None:
	for account_id in made.server.ponto.state.organization_of("success").accounts:
		made.server.ponto.simulations["expire"](account_id=account_id)


_END: Mapping[str, Callable[[Story], object]] = {
	"bridge": lambda made: simulate(made.server.bridge, "expire", item_id=int(made.remote_id)),
	"enable-banking": lambda made: made.server.enable_banking.simulations["end_session"](
		session_id=made.remote_id
	),
	"gocardless": lambda made: made.server.gocardless.simulations["end_consent"](
		requisition_id=made.remote_id
	),
	"plaid": lambda made: made.server.app.faces["plaid"].simulations["expire_consent"](
		item_id=made.remote_id
	),
	"ponto": _end_ponto,
	"powens": lambda made: made.server.powens.simulations["end_access"](connection_id=int(made.remote_id)),
	"salt-edge": lambda made: made.server.app.faces["salt-edge"].simulations["expire_consent"](
		connection_id=made.remote_id
	),
}


def _remove_item(made: Story) -> None:
	for application in made.server.bridge.applications.values():
		for user in application.users.values():
			user.items.pop(int(made.remote_id), None)


def _remove_from_salt_edge(made: Story) -> None:
	del made.server.salt_edge.find(made.remote_id).customer.connections[made.remote_id]


_ELSEWHERE: Mapping[str, Callable[[Story], object]] = {
	"bridge": _remove_item,
	"enable-banking": lambda made: made.server.enable_banking.simulations["end_session"](
		session_id=made.remote_id, status="REVOKED"
	),
	"gocardless": lambda made: made.server.gocardless.state.requisitions.pop(made.remote_id),
	"plaid": lambda made: [client.items.clear() for client in made.server.plaid.clients.values()],
	"ponto": lambda made: made.server.ponto.simulations["end_integration"](),
	"powens": lambda made: made.server.powens.state.users.clear(),
	"salt-edge": _remove_from_salt_edge,
}
