"""Enable Banking's sandbox face, a provider to it over real HTTP, and a host that keeps what comes."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

from dokos_banksync.core.model import FetchRequest, Line, LineState, Page
from dokos_banksync.core.provider import (
	UNATTENDED,
	Access,
	Completed,
	ConnectRequest,
	Context,
	HttpCall,
	Secret,
	Subscription,
)
from dokos_banksync.providers.enable_banking import EnableBankingProvider
from dokos_banksync.providers.process_stores import (
	ProcessGrantStore,
	ProcessRateLimitStore,
	ProcessSecretStore,
)
from dokos_banksync.sandbox.enable_banking.model import APPLICATION_ID
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.providers.fake_server import Time

CALLBACK = "http://127.0.0.1:9/back"
PRESENT = Context(user_present=True, ip_address="192.0.2.7", user_agent="Mozilla/5.0")

Money = tuple[date, Decimal]


class Stage:
	"""`calls` are those that our provider made."""

	def __init__(self, server: SandboxServer) -> None:
		self.server = server
		self.state = server.enable_banking.state
		self.time = Time(server.world.clock.now())
		self.calls: list[HttpCall] = []
		self.rate_limits = ProcessRateLimitStore()
		self.made: list[EnableBankingProvider] = []
		self.provider = self.provider_with()

	def provider_with(self, private_key: str = "", **changes: str) -> EnableBankingProvider:
		texts = {"application_id": APPLICATION_ID, **changes}
		secrets = {"private_key": Secret(private_key or self.state.private_key)}
		keys = Subscription("Enable Banking", texts, secrets, self.server.enable_banking_url)
		made = EnableBankingProvider(
			keys, ProcessSecretStore(self.time.now), self.rate_limits, self.time.now, sleep=self.time.sleep,
			observe=self.calls.append,
		)  # fmt: skip
		self.made.append(made)
		return made

	def close(self) -> None:
		for provider in self.made:
			provider.close()

	def pass_days(self, days: float) -> None:
		self.server.world.advance(days=days)
		self.time.passed += days * 86400

	def give_consent(
		self,
		bank: str = "FR:Demo Bank",
		user: Customer | None = None,
		access: Access | None = None,
		*,
		cancel: bool = False,
	) -> Completed:
		"""Go to the bank's page and come back."""
		known = access or Access()
		request = ConnectRequest(CALLBACK, "state-1", "key", "", access=known, institution_id=bank)
		started = self.provider.start(request)
		user = user or Customer()
		back = user.cancel(started.url) if cancel else user.consent(started.url)
		return self.provider.complete(query(back), known, started.session)

	def connect(
		self, bank: str = "FR:Demo Bank", user: Customer | None = None, access: Access | None = None
	) -> Access:
		"""Connect a bank, or renew a connection, and keep its grant as a host does."""
		done = self.give_consent(bank, user, access)
		assert done.connection is not None
		assert done.grant
		return Access(remote_id=done.connection.remote_id, grant=ProcessGrantStore(done.grant))

	def account(self, access: Access, name: str = "Compte courant pro") -> str:
		return next(one.remote_id for one in self.provider.accounts(access) if one.account_name == name)

	def truth(self, key: str) -> Counter[Money]:
		return Counter((one.day, one.amount) for one in self.server.world.truth(key))


class Host:
	"""Keeps lines as the core does: ids that change count for nothing, what is missing from a whole window goes."""

	def __init__(self) -> None:
		self.cursors: dict[str, str] = {}
		self.errors: dict[str, Exception] = {}
		self.booked: dict[str, list[Line]] = {}
		self.pending: dict[str, list[Line]] = {}
		self.claimed: dict[str, date] = {}

	def fetch(
		self,
		stage: Stage,
		access: Access,
		*accounts: str,
		context: Context = UNATTENDED,
		first_day: date | None = None,
	) -> int:
		"""Fetch from the cursors on. How many rows came."""
		requests = [FetchRequest(one, self.cursors.get(one, ""), first_day) for one in accounts]
		return self.take(stage.provider.changes(access, requests, context))

	def take(self, pages: Iterable[Page]) -> int:
		came: dict[str, list[Line]] = {}
		for page in pages:
			assert list(page.rejected) == []
			for account in page.restart:
				came[account] = []
			for line in page.lines:
				came.setdefault(line.remote_account, []).append(line)
			self.cursors.update(page.cursors)
			self.errors.update(page.errors)
			self.claimed.update(page.complete_from)
			for account in page.cursors:
				assert account in page.unstable_ids
				assert account in page.pending_complete
				self._settle(account, came.get(account, []), page.complete_from.get(account))
		return sum(len(rows) for rows in came.values())

	def _settle(self, account: str, rows: list[Line], since: date | None) -> None:
		new = [row for row in rows if row.state is LineState.BOOKED]
		days = {row.date for row in new}
		kept = [
			one
			for one in self.booked.get(account, [])
			if one.date not in days and not (since and one.date >= since)
		]
		self.booked[account] = [*kept, *new]
		self.pending[account] = [row for row in rows if row.state is not LineState.BOOKED]

	def money(self, account: str) -> Counter[Money]:
		return Counter((one.date, one.amount) for one in self.booked.get(account, []))


def query(address: str) -> Mapping[str, str]:
	return dict(parse_qsl(urlsplit(address).query))


def shown(error: BaseException) -> str:
	"""All that a careless handler could show: the traceback with local variables, less the test's own."""
	ours = error.__traceback__.tb_next if error.__traceback__ else None
	found = traceback.TracebackException.from_exception(error.with_traceback(ours), capture_locals=True)
	return "".join(found.format())
