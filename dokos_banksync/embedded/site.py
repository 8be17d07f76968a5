"""The embedded site: one home folder, its ledger, and what a person can do with it."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType

from dokos_banksync.connectors.address import Address
from dokos_banksync.connectors.contract import Clock
from dokos_banksync.desk import site as desk
from dokos_banksync.embedded.home import DATABASE, KEY, prepare_home
from dokos_banksync.errors import ConfigurationError
from dokos_banksync.ledgers.sqlite import SqliteLedger


def utc_now() -> datetime:
	return datetime.now(timezone.utc)


class Site(desk.Site):
	"""Everything of one home folder. A context manager."""

	ledger: SqliteLedger

	def __init__(self, home: Path, clock: Clock = utc_now, language: str = "en") -> None:
		"""Raises `ConfigurationError` for a folder or a database that cannot be used."""
		self.home = prepare_home(home)
		self.language = language
		ledger = SqliteLedger(self.home / DATABASE, self.home / KEY, clock=clock, language=language)
		super().__init__(ledger, clock)

	def __enter__(self) -> Site:
		return self

	def __exit__(
		self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
	) -> None:
		self.close()

	def close(self) -> None:
		self.ledger.close()

	def add_provider(
		self,
		name: str,
		provider_type: str,
		client_id: str,
		client_secret: str,
		base_url: str = "",
		environment: str = "Production",
	) -> None:
		"""Keep a subscription. Raises `ConfigurationError` for keys or an address that cannot be right."""
		for what, value in (("name", name), ("client id", client_id), ("client secret", client_secret)):
			if not value.strip():
				raise ConfigurationError("The {0} of the provider is empty: give it", what)
		if base_url:
			Address.of(base_url)
		self.ledger.add_provider(name, provider_type, client_id, client_secret, base_url, environment)

	def update_provider(
		self, name: str, client_id: str = "", client_secret: str = "", base_url: str | None = None
	) -> None:
		"""Other keys or another address; what is not given stays. Raises `ConfigurationError` as adding does."""
		if base_url:
			Address.of(base_url)
		self.ledger.update_provider(name, client_id=client_id, client_secret=client_secret, base_url=base_url)

	def remove_provider(self, name: str) -> None:
		"""Forget a subscription. Raises `InvalidData` while a connection needs its keys."""
		self.ledger.remove_provider(name)
