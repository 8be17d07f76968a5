"""Each provider against its sandbox over HTTP, in histories full of faults: the books must end equal to the bank.

A history follows from its number and its provider. The truth is what the pretend bank has booked, whatever its
provider shows of it. Where they differ at the end, an open question must say so.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.core.errors import SyncError
from dokos_banksync.core.provider import Provider
from dokos_banksync.core.review.questions import answer
from dokos_banksync.core.subscription import Subscription
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.providers.registry import make_provider
from dokos_banksync.sandbox.bridge.simulations import simulate
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.gocardless.model import Ids
from dokos_banksync.sandbox.gocardless.state import institution_id
from dokos_banksync.sandbox.movements import Movement
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.providers import every_provider
from tests.providers.every_provider import Given
from tests.providers.whole_way import ACCOUNT, CALLBACK, LINKED, Money, Way

AT_THE_BANK = ("day", "day", "day", "late", "late", "twin", "remove", "amend", "recategorise")
ON_THE_WAY = ("sync", "sync", "cut", "cut", "exhaust")
CONSENT = ("end_consent", "renew", "number_anew")
EVENTS = (*AT_THE_BANK, *ON_THE_WAY, *CONSENT)
SHOWN = "difference shown:"
"""What `done` says of a difference that is not silent."""
FAULTS = ("drop", "half", "status", "truncated", "html", "repeat_page", "touch")
DEMO, ODD_BANKS = (
	574,
	{574: "Demo Bank", 601: "Banque Aurore", 602: "Caisse du Ponant", 605: "Papillon Néobanque"},
)


PROVIDERS: Mapping[str, Callable[[SandboxServer], Given]] = {
	one.__name__.replace("_", "-"): one for one in every_provider.EVERY_PROVIDER
}
DATA = {
	"bridge": "/v3/aggregation/",
	"enable-banking": "/enable_banking/accounts",
	"gocardless": "/gocardless/api/v2/accounts",
	"plaid": "/plaid/transactions/sync",
	"ponto": "/ponto/ponto-connect/",
	"powens": "/powens/2.0/users/me/",
	"salt-edge": "/salt-edge/api/v6/",
}
"""Where each provider serves the rows of an account, and what a fetch asks for beside them."""
TOUCHED = {"bridge": "/v3/aggregation/transactions"}
"""Where the rows themselves are, which may change between two pages."""


class PatientSite(Site):
	"""A site whose waits pass at once, for the bank too. `moves` lets time pass."""

	moves: Callable[[timedelta], object]

	def provider_with(self, provider_type: str, subscription: Subscription) -> Provider:
		"""Return the provider of a subscription, whose waits move the clock."""
		name = subscription.name
		stores = self.ledger.secret_store(name), self.ledger.rate_limits(name)
		return make_provider(provider_type, subscription, *stores, clock=self.clock, sleep=self._wait)

	def _wait(self, seconds: float) -> None:
		self.moves(timedelta(seconds=seconds))


class ProviderWay(Way):
	"""One connection of a site whose waits pass at once."""

	def __init__(self, home: Path, server: SandboxServer, real: str) -> None:
		super().__init__(home, server, real)
		self.site.close()
		patient = PatientSite(home, clock=server.world.clock.now)
		patient.moves, patient.sleep = server.world.clock.advance, patient._wait
		self.site = patient


class ProviderChaos:
	"""One history of one provider. `run` goes through it and says what is wrong at its end; nothing is an empty list."""

	def __init__(self, folder: Path, number: int, provider: str) -> None:
		self.provider, self.number = provider, number
		self.random = random.Random(f"{provider} {number}")
		self.done: list[str] = []
		self._serving = every_provider.serving()
		self.server = self._serving.__enter__()
		given = PROVIDERS[provider](self.server)
		institution, bank = self._odd_bank(given)
		self.user = Customer(login=given.login, institution=institution)
		self.way = ProviderWay(folder / "home", self.server, f"{institution}:alex:checking")
		self.way.add_provider(given.kind, given.keys, given.url)
		every_provider.register_return(self.server, CALLBACK)
		self.way.connect(bank, self.user)
		self.real = self.server.world.account(self.way.real)

	def _odd_bank(self, given: Given) -> tuple[int, str]:
		"""Choose how the bank gives ids: lasting, absent, by position, or new at every call."""
		if self.provider == "enable-banking":
			institution = self.random.choice(list(ODD_BANKS))
			return institution, f"FR:{ODD_BANKS[institution]}"
		if self.provider == "gocardless":
			self.server.gocardless.state.settings.ids = self.random.choice(list(Ids))
			return 601, institution_id(self.server.world.institutions[601])
		return DEMO, given.institution

	def run(self) -> list[str]:
		"""Go through the history and return what is wrong at its end."""
		try:
			for _ in range(self.random.randint(4, 20)):
				event = self.random.choice(EVENTS)
				self.done.append(event)
				getattr(self, event)()
			return self._wrong()
		finally:
			self.way.close()
			self._serving.__exit__(None, None, None)

	def _wrong(self) -> list[str]:
		"""Settle everything, answer what the bank no longer lists, and compare. A difference that a question or the balance
		shows is not silent.
		"""
		self.server.faults.clear()
		self.server.world.advance(days=1)
		self._renew()
		for _ in range(2):
			self.server.world.advance(days=8)
			run = self.way.sync()
		if self._answer_unlisted():
			run = self.way.sync()
		more, less = self.way.held() - self.way.truth(), self.way.truth() - self.way.held()
		wrong = [f"more {_listed(more)}, less {_listed(less)}"] if more or less else []
		asked = self.way.site.ledger.questions(ACCOUNT)
		if wrong and (asked or any(check.difference for check in run.checks)):
			self.done.append(f"{SHOWN} {wrong.pop()}")
		elif not asked and any(check.difference for check in run.checks):
			wrong.append(f"the books are right and the balance differs by {run.checks}")
		again = self.way.sync()
		if again.created or again.removed or again.linked:
			wrong.append("a run with nothing new changed something")
		return wrong

	def _answer_unlisted(self) -> int:
		"""Answer each question about a row that the bank no longer lists: it is gone. Return their number."""
		ledger = self.way.site.ledger
		asked = [one.name for one in ledger.questions(ACCOUNT) if one.transaction]
		for line in asked:
			self.done.append(f"gone {line}")
			answer(ledger, line, "", self.way.site.clock)
		return len(asked)

	# -- what happens at the bank ------------------------------------------------------------------------
	def day(self) -> None:
		"""A day passes: pending rows book, new ones come."""
		self.server.world.advance(days=1)

	def late(self) -> None:
		"""The bank books a movement on a past day."""
		day = self._today() - timedelta(days=self.random.choice((0, 1, 2, 5, 12, 30)))
		cents = self.random.choice((-320, -320, -4500, 120000, -1))
		self._add(Movement(self._key(), day, cents, "CB CAFE DU PORT", "Cafe Du Port", "restaurant", "card"))

	def twin(self) -> None:
		"""The bank books an equal movement on the same day."""
		self._add(replace(self._any(), key=self._key()))

	def remove(self) -> None:
		"""The bank takes a movement back."""
		self.real.remove(self._any().key)
		self.server.world.refresh()

	def amend(self) -> None:
		"""The bank books a movement anew, with another amount."""
		movement = self._any()
		self.real.rebook(movement.key, movement.cents + self.random.choice((50, -100)))
		self.server.world.refresh()

	def recategorise(self) -> None:
		"""The provider changes its mind about a category."""
		self.real.recategorise(self._any().key, "restaurant")
		self.server.world.refresh()

	def _add(self, movement: Movement) -> None:
		self.real.add(movement)
		self.server.world.refresh()

	def _any(self) -> Movement:
		return self.random.choice(self.real.movements(self._today())[-40:])

	def _today(self) -> date:
		return self.server.world.clock.today()

	def _key(self) -> str:
		return f"chaos{len(self.real.changes)}"

	# -- on the way ----------------------------------------------------------------------------------------
	def sync(self) -> None:
		"""Fetch; a refusal changes nothing."""
		with suppress(SyncError):
			self.way.sync()

	def cut(self) -> None:
		"""Fetch while calls go wrong, from any of them on, for a while or for good."""
		kind = self.random.choice(FAULTS)
		status = self.random.choice((429, 500, 503))
		path = TOUCHED.get(self.provider, DATA[self.provider]) if kind == "touch" else DATA[self.provider]
		fault = Fault(kind, path, after=self.random.randint(0, 6), status=status)
		fault.count = self.random.choice((1, 2, None)) if kind not in ("touch",) else 1
		self.done[-1] = f"cut:{kind}:{status}:{fault.after}:{fault.count}"
		self.server.faults.add(fault)
		self.sync()
		self.server.faults.clear()

	def exhaust(self) -> None:
		"""Fetch until the provider's quota of the day is used."""
		for _ in range(6):
			self.sync()

	# -- the consent ---------------------------------------------------------------------------------------
	def end_consent(self) -> None:
		"""The consent ends at the provider; the next fetch says so."""
		_END_CONSENT[self.provider](self)
		self.sync()

	def renew(self) -> None:
		"""Sign in again, and link an account that has another id; a quota may be in the way."""
		with suppress(SyncError):
			self._renew()

	def _renew(self) -> None:
		self.way.renew(self.user)
		self._link_again()

	def number_anew(self) -> None:
		"""The provider gives other ids to the account or its rows, where it does such a thing."""
		_NUMBER_ANEW.get(self.provider, ProviderChaos.renew)(self)
		self.sync()
		self._link_again()

	def _link_again(self) -> None:
		"""Do what a user does who sees that an account is there under another id: import it from the same day on."""
		site, connection = self.way.site, self.way.connection
		if any(one.bank_account == ACCOUNT and not one.gone for one in site.ledger.accounts(connection)):
			return
		fresh = [one for one in site.proposals(connection) if one.remote.account_name.startswith(LINKED)]
		for one in fresh[:1]:
			since, _ = self.server.world.opening(self.way.real)
			site.link(connection, [Choice(one.source, ACCOUNT, start_date=since)])

	@property
	def remote_id(self) -> str:
		"""Return the provider's id of the connection."""
		return self.way.site.ledger.connection(self.way.connection).remote_id


def _listed(rows: Counter[Money]) -> str:
	return ", ".join(f"{count} × {day} {amount}" for (day, amount), count in rows.items()) or "nothing"


def _end_ponto(chaos: ProviderChaos) -> None:
	for account_id in chaos.server.ponto.state.organization_of("success").accounts:
		chaos.server.ponto.simulations["expire"](account_id=account_id)


def _end_gocardless(chaos: ProviderChaos) -> None:
	chaos.server.gocardless.state.requisitions[chaos.remote_id].status = "EX"


_END_CONSENT: Mapping[str, Callable[[ProviderChaos], object]] = {
	"bridge": lambda chaos: simulate(chaos.server.bridge, "expire", item_id=int(chaos.remote_id)),
	"enable-banking": lambda chaos: chaos.server.enable_banking.simulations["end_session"](
		session_id=chaos.remote_id, status=chaos.random.choice(("EXPIRED", "CLOSED", "REVOKED"))
	),
	"gocardless": _end_gocardless,
	"plaid": lambda chaos: chaos.server.app.faces["plaid"].simulations[
		chaos.random.choice(("expire_consent", "revoke"))
	](item_id=chaos.remote_id),
	"ponto": _end_ponto,
	"powens": lambda chaos: chaos.server.powens.simulations["end_access"](connection_id=int(chaos.remote_id)),
	"salt-edge": lambda chaos: chaos.server.app.faces["salt-edge"].simulations["expire_consent"](
		connection_id=chaos.remote_id
	),
}


def _account_id(chaos: ProviderChaos) -> str:
	records = chaos.way.site.ledger.accounts(chaos.way.connection)
	return next(one.remote.remote_id for one in records if one.bank_account == ACCOUNT and not one.gone)


def _renumber_bridge(chaos: ProviderChaos) -> None:
	simulate(
		chaos.server.bridge,
		"renumber",
		account_id=int(_account_id(chaos)),
		tombstones=chaos.random.random() < 0.5,
	)


def _duplicate_at_salt_edge(chaos: ProviderChaos) -> None:
	"""The latest row comes again under another id and another text; a consent that has ended shows none."""
	with suppress(KeyError):
		chaos.server.app.faces["salt-edge"].simulations["duplicate"](account_id=_account_id(chaos))


_NUMBER_ANEW: Mapping[str, Callable[[ProviderChaos], object]] = {
	"bridge": _renumber_bridge,
	"plaid": lambda chaos: chaos.server.app.faces["plaid"].simulations["change_account_id"](
		account_id=_account_id(chaos)
	),
	"salt-edge": _duplicate_at_salt_edge,
}
