"""The sandbox GoCardless itself: what it knows, and what can be done to it from Python."""

from __future__ import annotations

import random
import threading
import uuid
from datetime import datetime, timedelta

from dokos_banksync.sandbox.gocardless.errors import RATE_LIMIT, ApiError, missing
from dokos_banksync.sandbox.gocardless.model import Account, Agreement, Requisition, Settings
from dokos_banksync.sandbox.institutions import Institution
from dokos_banksync.sandbox.world import World

DAY = timedelta(days=1)
KINDS = frozenset({"checking", "card", "savings"})


class GoCardless:
	"""GoCardless over a world. `lock` is held by whoever reads or changes it."""

	def __init__(self, world: World) -> None:
		self.world, self.settings = world, Settings()
		self.lock = threading.RLock()
		self._rng = random.Random(f"gocardless|{world.seed}")
		self.tokens: dict[str, datetime] = {}
		self.agreements: dict[str, Agreement] = {}
		self.requisitions: dict[str, Requisition] = {}
		self.reads: dict[tuple[str, str], list[datetime]] = {}
		self.calls = 0

	def now(self) -> datetime:
		"""Return the world's present instant."""
		return self.world.clock.now()

	def new_uuid(self) -> str:
		"""Return a new id; ids follow from the seed."""
		return str(uuid.UUID(int=self._rng.getrandbits(128), version=4))

	def institutions(self) -> dict[str, Institution]:
		"""Return the banks that give account information, by GoCardless's ids."""
		found = self.world.institutions.values()
		return {institution_id(one): one for one in found if "aggregation" in one.capabilities}

	def requisition(self, requisition_id: str) -> Requisition:
		"""Return a requisition, expired where its agreement has ended."""
		found = self.requisitions.get(requisition_id)
		if found is None:
			raise missing()
		ends = found.agreement.ends
		if found.status == "LN" and ends and ends <= self.now():
			found.status = "EX"
		return found

	def account(self, account_id: str) -> tuple[Requisition, Account]:
		"""Return an account of a requisition that is kept."""
		for requisition in self.requisitions.values():
			for account in requisition.accounts:
				if account.id == account_id:
					return self.requisition(requisition.id), account
		raise missing()

	def share(self, requisition: Requisition, login: str, chosen: set[str]) -> None:
		"""Link the chosen accounts, under new ids."""
		requisition.agreement.accepted = self.now()
		requisition.status = "LN"
		offered = self.world.accounts(requisition.agreement.institution.id, login)
		requisition.accounts = [
			Account(self.new_uuid(), one, requisition.agreement, self.now())
			for one in offered
			if one.key in chosen
		]

	def take(self, account: Account, scope: str) -> tuple[int, int]:
		"""Count a reading of a scope. Return what is left and the seconds until it is renewed; ApiError (429)."""
		now, key = self.now(), (account.real.key, scope)
		made = [at for at in self.reads.get(key, []) if at > now - DAY]
		self.reads[key] = made
		allowed = len(made) < self.settings.daily
		if allowed:
			made.append(now)
		reset = int((min(made) + DAY - now).total_seconds()) if made else 0
		if not allowed:
			raise ApiError.of(429, RATE_LIMIT)
		return self.settings.daily - len(made), reset

	def reset_of(self, account: Account, scope: str) -> int:
		"""Return in how many seconds the readings of a scope are renewed."""
		made = self.reads.get((account.real.key, scope), [])
		return int((min(made) + DAY - self.now()).total_seconds()) if made else 0

	def forget(self) -> None:
		"""Drop what clients created."""
		with self.lock:
			for collection in (self.tokens, self.agreements, self.requisitions, self.reads):
				collection.clear()


def institution_id(one: Institution) -> str:
	"""Return GoCardless's id of a bank: its name and BIC."""
	slug = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in one.name.upper())
	return f"{slug}_BANK{one.country}{one.id % 100:02d}"
