"""The demo: a sandbox bank over real HTTP is connected, linked, imported and proved.

The sandbox bank knows what truly happened on each account. What the ledger holds in the end is compared with
that, and with the balance that the bank shows.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import TracebackType

import requests

from dokos_banksync.actions.pending_sessions import state_of
from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.core.errors import ConfigurationError, LoginRequired
from dokos_banksync.core.progress import Progress
from dokos_banksync.core.records import AccountRecord, RunRecord
from dokos_banksync.core.subscription import SANDBOX
from dokos_banksync.hosts.standalone.callback_listener import ReturnPage
from dokos_banksync.hosts.standalone.home import DATABASE, prepare_home
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.sandbox.bridge.limits import Limits
from dokos_banksync.sandbox.clock import Clock
from dokos_banksync.sandbox.server import CLIENT_ID, CLIENT_SECRET, SandboxServer
from dokos_banksync.sandbox.user import Customer
from dokos_banksync.sandbox.world import World

BANK = "Demo Bank"
PROVIDER = "Sandbox Bridge"
USER = "demo"
EMAIL = "demo@banksync.example"
MARKER = "made-by-banksync-demo"
ALL = 1_000_000
WEEKEND = (5, 6)
RETURN_SECONDS = 30.0
"""How long the sandbox user may take; they need well under a second."""


@dataclass(frozen=True)
class Proof:
	"""One Bank Account in the end. The `true_` values are the sandbox bank's own, which no import touched."""

	bank_account: str
	currency: str
	transactions: int
	categorised: int
	opening: Decimal
	movements: Decimal
	bank_balance: Decimal
	true_transactions: int
	true_opening: Decimal
	true_movements: Decimal
	true_balance: Decimal

	@property
	def agrees_with_bank(self) -> bool:
		"""Return whether the books agree with the bank's balance."""
		return self.opening + self.movements == self.bank_balance

	@property
	def agrees_with_truth(self) -> bool:
		"""Return whether the books hold exactly the sandbox bank's movements."""
		held = (self.transactions, self.opening, self.movements, self.bank_balance)
		return held == (self.true_transactions, self.true_opening, self.true_movements, self.true_balance)


def demo_folder(home: Path, keep: bool) -> Path:
	"""Return an empty folder below the home. Raises `ConfigurationError` for a home that holds data of its own.

	Earlier demos are deleted unless `keep` is set; nothing that a demo did not make is ever touched.
	"""
	if (home / DATABASE).exists():
		raise ConfigurationError(
			"The folder {0} holds data that no demo made: give the demo a folder of its own with --home", home
		)
	earlier = [path.parent for path in prepare_home(home).glob(f"demo*/{MARKER}")]
	if not keep:
		for folder in earlier:
			shutil.rmtree(folder)
	names = ("demo" if number == 1 else f"demo-{number}" for number in range(1, 10_000))
	folder = prepare_home(next(home / name for name in names if not (home / name).exists()))
	(folder / MARKER).touch()
	return folder


class Demo:
	"""A sandbox bank and a site that connects to it, on one clock that can be moved; a context manager."""

	def __init__(self, folder: Path, language: str = "en", seed: int = 1) -> None:
		self._clock = Clock.real()
		self._open = ExitStack()
		world = World(seed, self._clock)
		self.bank = self._open.enter_context(SandboxServer(world, limits=Limits.documented()))
		self.site = self._open.enter_context(Site(folder, self._clock.now, language))
		self.connection = ""

	def __enter__(self) -> Demo:
		return self

	def __exit__(
		self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
	) -> None:
		self._open.close()

	def add_provider(self) -> int:
		"""Keep the sandbox bank's keys and check them; how many banks they reach."""
		keys = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
		self.site.add_provider(PROVIDER, "Bridge", keys, base_url=self.bank.url, environment=SANDBOX)
		self.site.check_provider(PROVIDER)
		return len(self.site.institutions(PROVIDER))

	def connect(self) -> int:
		"""Send a sandbox user through the bank's pages and back to a port of this machine.

		How many accounts they share.
		"""
		institution = self.site.institutions(PROVIDER, BANK)[0]
		with ReturnPage() as page:
			link = self.site.begin_connect(
				BANK, PROVIDER, institution.id, callback_url=page.url, user=USER, email=EMAIL
			)
			page.expect(link.state)
			_come_back(Customer().consent(link.url))
			query = page.wait(RETURN_SECONDS)
		result = self.site.finish(state_of(query), query, USER)
		if not result.accounts:
			raise LoginRequired("Nothing was connected: {0}", result.message)
		self.connection = result.connection.name
		return len(result.accounts)

	def link(self) -> int:
		"""Link every account that the user shares to a new Bank Account of the same name. Return how many."""
		proposed = [p for p in self.site.proposals(self.connection) if p.remote.enabled]
		self.site.link(self.connection, [Choice(p.source, p.remote.account_name) for p in proposed])
		return len(proposed)

	def sync(self, progress: Progress | None = None) -> RunRecord:
		"""Fetch and import all accounts."""
		return self.site.sync(self.connection, progress=progress)

	def next_day(self) -> date:
		"""Time passes at the bank until its next working day, and the provider looks at the accounts again."""
		with self.bank.bridge.lock:
			self.bank.world.advance(timedelta(days=1))
			while self._clock.today().weekday() in WEEKEND:
				self.bank.world.advance(timedelta(days=1))
		return self._clock.today()

	def proofs(self) -> list[Proof]:
		"""Return the comparison of each account with the bank and with the sandbox."""
		return [self._prove(a) for a in self.site.ledger.accounts(self.connection) if a.bank_account]

	def _prove(self, account: AccountRecord) -> Proof:
		ledger, world = self.site.ledger, self.bank.world
		held = ledger.bank_account(account.bank_account)
		rows = ledger.transactions(bank_account=held.name, limit=ALL)
		real = self.bank.bridge.find_account(int(account.remote.remote_id))[1].real
		truth = world.truth(real)
		return Proof(
			bank_account=held.name,
			currency=held.currency,
			transactions=len(rows),
			categorised=sum(1 for row in rows if row.category),
			opening=held.opening_balance or Decimal(),
			movements=ledger.movements(held.name),
			bank_balance=account.remote.balance or Decimal(),
			true_transactions=len(truth),
			true_opening=world.opening(real)[1],
			true_movements=sum((movement.amount for movement in truth), Decimal()),
			true_balance=world.balance(real),
		)


def _come_back(address: str) -> None:
	"""The sandbox user's browser follows the bank's last redirect. Not a call of the app's own."""
	with requests.Session() as browser:
		browser.trust_env = False
		browser.get(address, timeout=RETURN_SECONDS).raise_for_status()
