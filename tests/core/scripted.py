"""A provider that says what a test wrote down for it, and keeps what it was asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from dokos_banksync.core.connection import connect
from dokos_banksync.core.connection.completing import complete_connect
from dokos_banksync.core.importing import sync
from dokos_banksync.core.model import ConnectionStatus, Line, LineState, Page, RemoteAccount, RemoteConnection
from dokos_banksync.core.provider import (
	Capabilities,
	Check,
	Completed,
	NoOptionalParts,
	Refreshed,
	Started,
)
from tests.hosts.standalone.ledger.build import connected_ledger

NOW = datetime(2026, 3, 20, 9, tzinfo=timezone.utc)
DAY = date(2026, 3, 10)
IBANS = {"a": "FR7699999000010000000001764", "b": "FR7699999000010000000002734"}


def row(line_id: str, amount: str = "-3.20", label: str = "CB CAFE", day: int = 0, **more: object) -> Line:
	"""Return a booked row of account `a` (or of `account=`), `day` days after DAY."""
	account = str(more.pop("account", "a"))
	booked = DAY + timedelta(days=day)
	plain = Line(account, line_id, booked, Decimal(amount), "EUR", label.title(), label)
	return plain._replace(**more)  # type: ignore[arg-type]


def pending(
	line_id: str, amount: str = "-8", label: str = "AUTORISATION", day: int = 9, **more: object
) -> Line:
	"""Return a pending row."""
	return row(line_id, amount, label, day, state=LineState.PENDING, **more)


class ScriptedProvider(NoOptionalParts):
	"""Each call of `changes` gives the pages that the test set; an exception among them is raised."""

	provider_type = "Bridge"
	default_url = ""
	credential_fields = ()

	def __init__(self, **capabilities: bool) -> None:
		self.capabilities = Capabilities(**{"reread": False, **capabilities})
		self.pages: Sequence[Page | Exception] = ()
		self.names: Sequence[str] = ("a",)
		self.completed: list[Completed] = []
		self.sessions: list[str] = []
		self.queries: list[dict[str, str]] = []
		self.session = Completed(None)
		self.calls: Counter[str] = Counter()
		self.requests: list[list[tuple[str, str]]] = []
		self.refresh_fails: Exception | None = None
		self.connection = RemoteConnection("item-1", "574", ConnectionStatus.ACTIVE)

	def check(self):
		return Check(1)

	def institutions(self, search="", country=""):
		return iter(())

	def start(self, request):
		return Started("https://bank.example/", "user-1")

	def complete(self, query, access, session=None):
		self.calls["complete"] += 1
		return Completed(self.connection)

	def status(self, access):
		self.calls["status"] += 1
		return self.connection

	def accounts(self, access, context=None):
		self.calls["accounts"] += 1
		return [
			RemoteAccount(name, name, "checking", "EUR", IBANS[name], balance=Decimal(100))
			for name in self.names
		]

	def changes(self, access, requests, context=None):
		self.calls["changes"] += 1
		self.requests.append([(one.remote_account, one.cursor) for one in requests])
		for page in self.pages:
			if isinstance(page, Exception):
				raise page
			yield page

	def refresh(self, access, context=None):
		self.calls["refresh"] += 1
		if self.refresh_fails:
			raise self.refresh_fails
		return Refreshed(ready=True)

	def revoke(self, access):
		self.calls["revoke"] += 1


class Scene:
	"""A scripted provider, a real ledger, and the accounts of one connection, each linked to a Bank Account."""

	def __init__(self, folder, *names: str, **capabilities: bool) -> None:
		self.now = NOW
		self.provider = ScriptedProvider(**capabilities)
		self.provider.names = names or ("a",)
		self.ledger, self.connection = connected_ledger(folder, clock=lambda: self.now)
		complete_connect(self.ledger, self.provider, self.connection, {})
		self.sources = {one.remote.remote_id: one.source for one in self.ledger.accounts(self.connection)}
		choices = [connect.Choice(self.sources[name], name.upper()) for name in self.provider.names]
		connect.link(self.ledger, self.connection, choices)
		self.provider.calls.clear()

	def sync(self, *pages: Page | Exception, **more):
		"""Give the pages to one run, and return the run."""
		self.provider.pages = pages
		return sync.sync(self.ledger, self.provider, self.connection, clock=lambda: self.now, **more)

	def booked(self, bank_account: str = "A") -> list[tuple[date, Decimal, str]]:
		"""Return the bank transactions as (day, amount, description), in order."""
		rows = self.ledger.transactions(bank_account=bank_account, limit=10_000)
		return sorted((one.date, one.amount, one.description) for one in rows)

	def amounts(self, bank_account: str = "A") -> list[str]:
		"""Return the amounts of the bank transactions, in order of value."""
		return [str(amount) for amount in sorted(amount for _, amount, _ in self.booked(bank_account))]

	def cursor(self, name: str = "a") -> str:
		"""Return the stored cursor of an account."""
		[account] = [one for one in self.ledger.accounts(self.connection) if one.remote.remote_id == name]
		return account.cursor
