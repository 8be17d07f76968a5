"""Who has which accounts at which bank.

Every login but two meets the same user's accounts: the providers' test logins only steer what happens.
"camille" is a second user; "volume-100000" has one account with that many transactions.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from dokos_banksync.sandbox import business
from dokos_banksync.sandbox.accounts import AccountFacts, BulkAccount, DayBook, RealAccount
from dokos_banksync.sandbox.iban import make_iban
from dokos_banksync.sandbox.institutions import DEMO_BANK, Institution
from dokos_banksync.sandbox.movements import Draft, is_due, is_last_working_day

MAX_VOLUME = 10_000_000
_VOLUME = re.compile(r"volume-(\d{1,8})")
_LOAN_RATE = 0.021


@dataclass(frozen=True)
class Customer:
	"""A customer of a bank."""

	key: str
	first_name: str
	last_name: str


ALEX = Customer("alex", "Alex", "Demonstration")
CAMILLE = Customer("camille", "Camille", "Essai")


@dataclass(frozen=True)
class Loan:
	"""The terms of a loan; amounts in cents."""

	name: str
	borrowed: int
	instalment: int
	opened: date
	months: int


@dataclass(frozen=True)
class _Slot:
	slot: str
	kind: str
	name: str
	opening: int
	book: DayBook | None = None
	currency: str = "EUR"
	iban: bool = False
	pro: bool = True


@dataclass
class _Tab:
	"""What a deferred card owes so far; an account is made a day at a time, in order."""

	owed: int = 0


_CHECKING = _Slot(
	"checking",
	"checking",
	name="Compte courant pro",
	opening=2_450_000,
	book=business.main_account,
	iban=True,
)
_SECOND = _Slot(
	"second",
	"checking",
	name="Compte courant secondaire",
	opening=840_000,
	book=business.second_account,
	iban=True,
)
_DOLLARS = _Slot(
	"dollars",
	"checking",
	name="Compte en dollars",
	opening=1_520_000,
	book=business.dollar_account,
	currency="USD",
	iban=True,
)
_CASH = _Slot("cash", "checking", name="Caisse", opening=60_000, book=business.cash_account)
_SAVINGS = _Slot(
	"savings", "savings", name="Livret entreprise", opening=1_200_000, book=business.savings_account
)
_SECURITIES = tuple(
	_Slot(f"securities{number}", "brokerage", name, opening, pro=False)
	for number, (name, opening) in enumerate(
		(("Compte-titres", 1_834_512), ("PEA", 921_077), ("Titres salariés", 310_400)), 1
	)
)
_CARDS = (("card", "Carte à débit différé"), ("card2", "Carte à débit différé déplacements"))


def customer_of(login: str) -> Customer:
	"""Return the user behind a login."""
	first_word = login.split(".")[0]
	if first_word == CAMILLE.key:
		return CAMILLE
	if _VOLUME.fullmatch(first_word):
		return Customer(first_word, "Alix", "Grand-Volume")
	return ALEX


def accounts_of(
	user: Customer, institution: Institution, seed: int, since: date, today: date
) -> Iterator[RealAccount]:
	"""Yield the accounts of a user at a bank, in the bank's order."""
	maker = _Maker(user, institution, f"{seed}", since)
	volume = _VOLUME.fullmatch(user.key)
	if volume:
		yield maker.bulk(min(int(volume[1]), MAX_VOLUME), today)
	elif institution.id == DEMO_BANK and user is ALEX:
		yield from maker.demo()
	elif user is ALEX:
		yield from maker.usual()
	else:
		yield from (maker.plain(slot) for slot in (_CHECKING, _SAVINGS))


def bulk_account(institution: Institution, seed: int, since: date, today: date, total: int) -> BulkAccount:
	"""Return an account with a given number of transactions, beside the others of the usual user."""
	return _Maker(ALEX, institution, f"{seed}", since).bulk(total, today)


class _Maker:
	def __init__(self, user: Customer, institution: Institution, seed: str, since: date) -> None:
		self.user, self.institution, self.seed, self.since = user, institution, seed, since

	def demo(self) -> Iterator[RealAccount]:
		"""As documented: four checking accounts, two deferred cards, savings, three securities, two loans."""
		cards = [self.card(slot, name) for slot, name in _CARDS]
		yield self.plain(_CHECKING, _with_cards(cards))
		yield from (self.plain(slot) for slot in (_SECOND, _DOLLARS, _CASH))
		yield from cards
		yield from (self.plain(slot) for slot in (_SAVINGS, *_SECURITIES))
		yield self.loan(
			"loan",
			Loan(
				"Pret pro",
				10_000_000,
				instalment=business.LOAN_INSTALMENT,
				opened=self.since - timedelta(days=200),
				months=60,
			),
		)
		yield self.loan(
			"loan2",
			Loan(
				"Credit materiel",
				2_400_000,
				instalment=52_311,
				opened=self.since - timedelta(days=90),
				months=48,
			),
		)

	def usual(self) -> Iterator[RealAccount]:
		"""Yield the accounts of an ordinary customer."""
		slot, name = _CARDS[0]
		card = self.card(slot, name)
		yield self.plain(_CHECKING, _with_cards([card]))
		yield self.plain(_SECOND)
		yield card
		yield self.plain(_SAVINGS)

	def plain(self, slot: _Slot, book: DayBook | None = None) -> RealAccount:
		"""Return a current or savings account."""
		return RealAccount(self._facts(slot), self.seed, book or slot.book or _nothing)

	def card(self, slot: str, name: str) -> RealAccount:
		"""Return a card with deferred debit."""
		facts = self._facts(_Slot(slot, "card", name, 0))
		tab = _Tab()
		return RealAccount(facts, self.seed, lambda day, rng: _card_day(day, rng, tab))

	def loan(self, slot: str, terms: Loan) -> RealAccount:
		"""Return a loan."""
		facts = self._facts(
			_Slot(slot, "loan", terms.name, -remaining_capital(terms, self.since - timedelta(days=1)))
		)
		return LoanAccount(facts, self.seed, terms)

	def bulk(self, total: int, today: date) -> BulkAccount:
		"""Return an account of very many movements."""
		slot = _Slot(f"bulk{total}", "checking", f"Compte {total} opérations", 5_000_000, iban=True)
		return BulkAccount(self._facts(slot), self.seed, total, today)

	def _facts(self, slot: _Slot) -> AccountFacts:
		key = f"{self.institution.id}:{self.user.key}:{slot.slot}"
		rng = random.Random(f"{self.seed}|{key}|iban")
		american = self.institution.country == "US"
		iban = None
		if slot.iban and not american:
			iban = make_iban(self.institution.country, rng, self.institution.bank_code)
		currency = "USD" if american else slot.currency
		return AccountFacts(
			key, self.institution.id, holder=self.user.key, kind=slot.kind, name=slot.name, currency=currency, iban=iban, pro=slot.pro,
			since=self.since, opening_cents=slot.opening,
		)  # fmt: skip


class LoanAccount(RealAccount):
	"""A loan: its balance is what remains to be repaid, as a negative number."""

	def __init__(self, facts: AccountFacts, seed: str, terms: Loan) -> None:
		super().__init__(facts, seed, lambda day, _rng: _loan_day(terms, day))
		self.terms = terms


def remaining_capital(terms: Loan, day: date) -> int:
	"""Return what remains to be repaid at the end of a day, in cents."""
	remaining, at = terms.borrowed, terms.opened
	while at <= day and remaining > 0:
		if is_due(at, 5):
			remaining -= min(remaining, terms.instalment - _interest(remaining))
		at += timedelta(days=1)
	return remaining


def _loan_day(terms: Loan, day: date) -> Iterator[Draft]:
	if is_due(day, 5):
		before = remaining_capital(terms, day - timedelta(days=1))
		repaid = min(before, terms.instalment - _interest(before))
		if repaid:
			yield Draft(
				repaid,
				f"AMORTISSEMENT CAPITAL {day:%m%y}",
				clean="Amortissement Capital",
				category="loan",
				operation="unknown",
			)


def _interest(remaining: int) -> int:
	return round(remaining * _LOAN_RATE / 12)


def _card_day(day: date, rng: random.Random, tab: _Tab) -> Iterator[Draft]:
	for draft in business.purchases(day, rng, 2):
		tab.owed += draft.cents
		yield Draft(
			draft.cents,
			draft.label,
			clean=draft.clean,
			category=draft.category,
			operation="card",
			bought_before=draft.bought_before,
		)
	if is_last_working_day(day) and tab.owed:
		due, tab.owed = -tab.owed, 0
		yield Draft(
			due,
			f"REGLEMENT CARTE {day:%m%y}",
			clean="Reglement Carte",
			category="internal_in",
			operation="unknown",
		)


def _with_cards(cards: Iterable[RealAccount]) -> DayBook:
	"""Return the main account, which pays on the last working day what the deferred cards owe."""
	payers: list[Callable[[date], int]] = [_paid_by(card) for card in cards]

	def book(day: date, rng: random.Random) -> Iterator[Draft]:
		"""Yield the movements of one day."""
		yield from business.main_account(day, rng)
		if is_last_working_day(day):
			for number, paid in enumerate(payers, 1):
				if paid(day):
					yield Draft(
						-paid(day),
						f"DEBIT MENSUEL CARTE {number} {day:%m%y}",
						clean="Debit Mensuel Carte",
						category="card_debit",
						operation="card",
					)

	return book


def _paid_by(card: RealAccount) -> Callable[[date], int]:
	def paid(day: date) -> int:
		"""Return what the card owes at the end of the day, in cents."""
		today = card.movements(day, after=day - timedelta(days=1))
		return sum(one.cents for one in today if one.label.startswith("REGLEMENT CARTE"))

	return paid


def _nothing(_day: date, _rng: random.Random) -> Iterable[Draft]:
	return ()
