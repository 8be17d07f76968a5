"""A Desk of a host with companies, a chart of accounts, and users who may not see everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import Data
from dokos_banksync.actions.file_import import ImportOptions, prepare, take
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.pending_sessions import state_of
from dokos_banksync.actions.registry import Method
from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.core.errors import NotFound
from dokos_banksync.core.provider import Context
from dokos_banksync.core.records import BankAccountRecord, ConnectionRecord
from dokos_banksync.hosts.standalone.institution_files import InstitutionFiles
from dokos_banksync.hosts.standalone.ledger import TransactionRow
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.sandbox.server import CLIENT_ID, CLIENT_SECRET, SandboxServer
from dokos_banksync.sandbox.user import Customer
from dokos_banksync.sandbox.world import World
from dokos_banksync.statements.contract import ReadingOptions

BANK, PROVIDER, AURORE = "Banque Aurore", "Bridge", "601"
PRESENT = Context(user_present=True, ip_address="81.2.69.142", user_agent="Mozilla/5.0")


@dataclass
class Pretend:
	"""A Desk of a host with two companies and a chart; its connections and accounts may be hidden."""

	site: Site
	bank: SandboxServer
	translations: Translations = field(default_factory=lambda: Translations("en"))
	user: str = "anne"
	email: str = "anne@example.org"
	callback_url: str = "http://127.0.0.1:9/back"
	names_include_bank: bool = True
	mine: Sequence[str] = ("One", "Two")
	charts: Mapping[str, Sequence[str]] = field(default_factory=lambda: {"EUR": ["512 - O"]})
	hidden: frozenset[str] = frozenset()
	message: dict[str, Data] = field(default_factory=dict)
	started: list[str] = field(default_factory=list)
	refreshed: list[str] = field(default_factory=list)
	waiting: str = ""
	presence: Context = PRESENT
	steps: list[tuple[str, int, int | None]] = field(default_factory=list)
	"""How far the calls said that they were."""

	def step(self, stage: str, done: int, total: int | None) -> None:
		self.steps.append((stage, done, total))

	def instant(self, value: datetime | None) -> str | None:
		return str(value) if value else None

	def store_email(self, email: str) -> None:
		self.email = email

	def connection(self, name: str) -> ConnectionRecord:
		return self.site.ledger.connection(name)

	def connections(self, bank: str = "") -> Sequence[ConnectionRecord]:
		return [one for one in self.site.ledger.connections(bank) if one.name not in self.hidden]

	def bank_accounts(self, bank: str) -> Sequence[BankAccountRecord]:
		return [one for one in self.site.ledger.bank_accounts(bank) if one.name not in self.hidden]

	def providers(self) -> Sequence[str]:
		return [row["name"] for row in self.site.ledger.providers() if row["name"] not in self.hidden]

	def see(self, doctype: str, name: str) -> None:
		if name in self.hidden:
			raise NotFound("There is no {0} {1}", doctype, name)

	@property
	def signature(self) -> str:
		return "Anne"

	def store_certificate(self, values: Data) -> str:
		return self.site.ledger.store_certificate(values)

	def certificate(self, name: str) -> Mapping[str, Any]:
		return self.site.ledger.certificate(name)

	def companies(self) -> Sequence[str]:
		return self.mine

	def chart(self, company: str, currency: str) -> Sequence[str] | None:
		return self.charts.get(currency, [])

	def once(self, key: tuple[str, ...], begin: Callable[[], str]) -> str:
		return begin()

	def end_double_click(self) -> None:
		pass

	def store_outcome(self, message: Data) -> str:
		self.message["key"] = message
		return "key"

	def take_outcome(self, key: str) -> Data | None:
		return self.message.pop(key, None)

	def progress(self, connection: str) -> Data | None:
		return None

	def warnings(self) -> Sequence[str]:
		return ["No worker"]

	def runs_of(self, bank: str) -> Sequence[str]:
		ledger = self.site.ledger
		connections = [record.name for record in ledger.connections(bank)]
		return ledger.runs_about(connections, [record.name for record in ledger.bank_accounts(bank)], 100)

	@property
	def stalled(self) -> str:
		return self.waiting

	@property
	def institution_cache(self) -> InstitutionFiles:
		return self.site.institution_cache

	def refresh_institutions(self, provider: str) -> None:
		self.refreshed.append(provider)

	def start(self, record: ConnectionRecord) -> None:
		self.started.append(record.name)


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Pretend]:
	with (
		SandboxServer(World(years=0.1)) as bank,
		Site(tmp_path / "home", clock=bank.world.clock.now) as site,
	):
		site.add_provider(
			PROVIDER, "Bridge", {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}, bank.url, "Sandbox"
		)
		site.ledger.add_bank(BANK)
		yield Pretend(site, bank)


def ask(method: Method, context: Pretend, **given: str) -> Any:
	return method(context, Arguments(given))


@dataclass
class Account:
	"""A Bank Account that a connection feeds, with what a first fetch brought."""

	context: Pretend
	name: str
	connection: str
	bank: SandboxServer

	def ask(self, method: Method, **given: str) -> Any:
		return ask(method, self.context, **given)

	def ask_about(self, method: Method, **given: str) -> Any:
		return ask(method, self.context, bank_account=self.name, **given)

	def transactions(self) -> list[TransactionRow]:
		return self.context.site.ledger.transactions(bank_account=self.name, limit=-1)

	def names(self) -> list[str]:
		return sorted(row.name for row in self.transactions())

	def twin(self, row: TransactionRow, name: str = "twin.csv", label: str = "") -> str:
		"""The same once more, by a file, as if a user had said that it is another one."""
		day, amount = row.date.isoformat(), str(row.amount)
		table = f"Date;Label;Amount\n{day};{label or 'QUITE ANOTHER LABEL'};{amount}\n".encode()
		ledger = self.context.site.ledger
		before = set(self.names())
		take(
			ledger,
			prepare(ledger, self.name, name, table, ImportOptions(ReadingOptions(sign="normal"))),
			clock=self.context.site.clock,
		)
		[made] = set(self.names()) - before
		return made


@pytest.fixture
def account(context: Pretend) -> Account:
	site = context.site
	link = site.begin_connect(BANK, PROVIDER, AURORE, context.callback_url, context.user, context.email)
	query = dict(parse_qsl(urlsplit(Customer(institution=int(AURORE)).consent(link.url)).query))
	connection = site.finish(state_of(query), query, context.user).connection.name
	proposal = next(p for p in site.proposals(connection) if p.remote.iban)
	site.link(connection, [Choice(proposal.source, "Current")])
	site.sync(connection)
	return Account(context, "Current", connection, context.bank)
