"""A small bank for many random histories, with a provider that reports its rows badly."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from dokos_banksync.core.errors import TemporaryError
from dokos_banksync.core.model import (
	Category,
	ConnectionStatus,
	FetchRequest,
	Institution,
	Line,
	LineState,
	Page,
	RemoteAccount,
	RemoteConnection,
)
from dokos_banksync.core.provider import (
	NO_SECRET,
	UNATTENDED,
	Access,
	Capabilities,
	Check,
	Completed,
	ConnectRequest,
	Context,
	Event,
	Secret,
	Started,
	WebhookRequest,
)

START = datetime(2026, 1, 5, 9, tzinfo=timezone.utc)
LABELS = (
	"CB CAFE DU PORT",
	"PRLV ENERGIE BLEUE",
	"VIR CLIENT MARTIN",
	"CB TRAIN 0312",
	"FRAIS TENUE DE COMPTE",
)
AMOUNTS = ("-3.20", "-3.20", "-45.00", "1200.00", "-0.01", "1200.5")
OPENING = Decimal("500.00")
IBAN = "FR7699999000010000000001764"


@dataclass(frozen=True)
class Row:
	"""One row of the bank's books under the id it has now."""

	id: str
	day: date
	amount: Decimal
	label: str
	state: LineState
	at: datetime
	category: str = "79"
	true: int = 0
	"""What it is, whatever its id."""


class PretendBank:
	"""The truth of one account. Every change is stamped by a clock that only goes forward."""

	def __init__(self, seed: int) -> None:
		self.random = random.Random(seed)
		self.now = START
		self.rows: dict[str, Row] = {}
		self.generation = 1
		self._ids = 3_300_000_000_000
		self._true = 0
		self.settled: set[int] = set()
		"""What the bank changes no more: it is printed on a statement."""

	# -- what happens at the bank ---------------------------------------------------------------------
	def book(self) -> None:
		self._put(LineState.BOOKED, self._some_day(), self.random.choice(AMOUNTS), self.random.choice(LABELS))

	def twin(self) -> None:
		if row := self._any(LineState.BOOKED):
			self._put(LineState.BOOKED, row.day, str(row.amount), row.label)

	def announce(self) -> None:
		self._put(LineState.FUTURE, self.now.date() + timedelta(3), "-18", "AUTORISATION CB")

	def book_announced(self) -> None:
		"""It books under another id, with a tip, under another label."""
		if row := self._any(LineState.FUTURE):
			self._tombstone(row)
			self._put(LineState.BOOKED, self.now.date(), "-20", "CB RESTAURANT DU PORT")

	def delete(self) -> None:
		if row := self._any(LineState.BOOKED):
			self._tombstone(row)

	def amend(self) -> None:
		if row := self._any(LineState.BOOKED):
			amount = row.amount + Decimal(self.random.choice(("0.5", "-1")))
			self.rows[row.id] = replace(row, amount=amount, at=self._tick())

	def recategorise(self) -> None:
		if row := self._any(LineState.BOOKED):
			self.rows[row.id] = replace(row, category="90", at=self._tick())

	def renumber(self) -> None:
		if row := self._any(LineState.BOOKED):
			self._tombstone(row)
			self._put(LineState.BOOKED, row.day, str(row.amount), row.label, row.category, row.true)

	def renumber_in_silence(self) -> None:
		"""The provider no longer reports the old id."""
		if row := self._any(LineState.BOOKED):
			del self.rows[row.id]
			self._put(LineState.BOOKED, row.day, str(row.amount), row.label, row.category, row.true)

	def replace_consent(self) -> None:
		"""The user adds the bank again: everything has other ids, and nothing is reported about the old
		ones.
		"""
		self.generation += 1
		live = [row for row in self.rows.values() if row.state is not LineState.REMOVED]
		self.rows = {}
		for row in live:
			self._put(row.state, row.day, str(row.amount), row.label, row.category, row.true)

	# -- the truth ------------------------------------------------------------------------------------
	def truth(self) -> Counter[tuple[date, Decimal]]:
		return Counter((r.day, r.amount) for r in self.rows.values() if r.state is LineState.BOOKED)

	def balance(self) -> Decimal:
		return OPENING + sum((r.amount for r in self.rows.values() if r.state is LineState.BOOKED), Decimal())

	def _put(
		self, state: LineState, day: date, amount: str, label: str, category: str = "79", true: int = 0
	) -> None:
		self._ids += self.random.randint(1, 1000)
		self._true += not true
		row = Row(
			id=str(self._ids),
			day=day,
			amount=Decimal(amount),
			label=label,
			state=state,
			at=self._tick(),
			category=category,
			true=true or self._true,
		)
		self.rows[row.id] = row

	def _tombstone(self, row: Row) -> None:
		self.rows[row.id] = replace(row, state=LineState.REMOVED, amount=Decimal(0), at=self._tick())

	def _any(self, state: LineState) -> Row | None:
		rows = [row for row in self.rows.values() if row.state is state and row.true not in self.settled]
		return self.random.choice(rows) if rows else None

	def _some_day(self) -> date:
		"""Mostly today, sometimes late with an old day."""
		return self.now.date() - timedelta(self.random.choice((0, 0, 0, 1, 2, 40)))

	def _tick(self) -> datetime:
		self.now += timedelta(hours=self.random.randint(1, 30))
		return self.now


class FakeProvider:
	"""Lists a pretend bank's rows in any order, some twice, and fails on demand."""

	provider_type = "Bridge"
	default_url = ""
	credential_fields = ()
	capabilities = Capabilities(categories=True)

	def __init__(self, bank: PretendBank) -> None:
		self.bank = bank
		self.fail_after: int | None = None

	def status(self, access: Access) -> RemoteConnection:
		return RemoteConnection(f"item-{self.bank.generation}", "574", ConnectionStatus.ACTIVE)

	def connections(self, access: Access) -> list[RemoteConnection]:
		return [self.status(access)]

	def accounts(self, access: Access, context: Context = UNATTENDED) -> list[RemoteAccount]:
		return [RemoteAccount(self._account, "Courant", "checking", "EUR", IBAN, balance=self.bank.balance())]

	def categories(self) -> list[Category]:
		return [Category("79", "Frais"), Category("90", "Divers")]

	def changes(
		self, access: Access, asks: Sequence[FetchRequest], context: Context = UNATTENDED
	) -> Iterator[Page]:
		since = datetime.fromisoformat(asks[0].cursor) if asks[0].cursor else START
		rows = [row for row in self._rows() if row.at >= since]
		self.bank.random.shuffle(rows)
		repeated = [*rows, *rows[: len(rows) // 3]]
		for number, start in enumerate(range(0, len(repeated), 4)):
			if self.fail_after is not None and number >= self.fail_after:
				raise TemporaryError("The line was cut")
			yield Page([self._line(row) for row in repeated[start : start + 4]])
		yield Page([], cursors={self._account: max((r.at for r in rows), default=since).isoformat()})

	def _rows(self) -> list[Row]:
		return list(self.bank.rows.values())

	def complete(self, query: Mapping[str, str], access: Access, session: Secret = NO_SECRET) -> Completed:
		return Completed(self.status(access))

	def start(self, request: ConnectRequest) -> Started:
		return Started("http://127.0.0.1/", "user-1")

	def check(self) -> Check:
		return Check(1)

	def institutions(self, search: str = "", country: str = "") -> Iterator[Institution]:
		return iter(())

	def revoke(self, access: Access) -> None:
		self.bank.rows = {}

	def events(self, request: WebhookRequest) -> list[Event]:
		return []

	@property
	def _account(self) -> str:
		return f"account-{self.bank.generation}"

	def _line(self, row: Row) -> Line:
		return Line(
			remote_account=self._account,
			remote_id=row.id,
			date=row.day,
			amount=row.amount,
			currency="EUR",
			description=row.label.title(),
			original=row.label,
			state=row.state,
			category=row.category,
			updated_at=row.at,
			raw=row.id,
		)
