"""The sandbox Enable Banking itself: what it knows, and what can be done to it from Python."""

from __future__ import annotations

import random
import threading
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from dokos_banksync.sandbox import jose
from dokos_banksync.sandbox.accounts import RealAccount
from dokos_banksync.sandbox.enable_banking import rows
from dokos_banksync.sandbox.enable_banking.banks import Quirks, quirks_of
from dokos_banksync.sandbox.enable_banking.errors import ApiError
from dokos_banksync.sandbox.enable_banking.model import (
	APPLICATION_ID,
	Account,
	Application,
	Authorization,
	Session,
)
from dokos_banksync.sandbox.enable_banking.rows import Row
from dokos_banksync.sandbox.world import World

_QUOTA_WINDOW = timedelta(hours=24)
_FIRST_REDIRECT = "http://127.0.0.1:9/back"


@dataclass
class Listing:
	"""A list of transactions that is being read page by page."""

	session: Session
	uid: str
	rows: list[Row]
	at: int = 0
	pages: int = 0


@dataclass
class Ledger:
	"""Calls without the user, per account and kind of call: what a bank counts against its daily quota."""

	calls: dict[tuple[str, str], list[datetime]] = field(default_factory=dict)

	def take(self, account: str, scope: str, limit: int, now: datetime) -> bool:
		"""Count one call; False, without counting, when the quota of the last 24 hours is used up."""
		made = [at for at in self.calls.get((account, scope), []) if at > now - _QUOTA_WINDOW]
		self.calls[account, scope] = made
		if len(made) < limit:
			made.append(now)
			return True
		return False


class EnableBanking:
	"""Enable Banking over a world. `lock` is held by whoever reads or changes it.

	Ids follow from the world's seed and the order of calls. The first application's key pair is made in this
	process; `private_key` gives it as PEM.
	"""

	def __init__(self, world: World) -> None:
		self.world = world
		self.lock = threading.RLock()
		self._rng = random.Random(f"enable banking|{world.seed}")
		self.applications: dict[str, Application] = {}
		self.quirks: dict[int, Quirks] = {}
		self.authorizations: dict[str, Authorization] = {}
		self.sessions: dict[str, Session] = {}
		self.listings: dict[str, Listing] = {}
		self.quota = Ledger()
		self.calls = 0

	@property
	def private_key(self) -> str:
		"""Return the private key of the first application as PEM."""
		return jose.private_pem(jose.key_pair("enable banking"))

	def application(self, application_id: str) -> Application | None:
		"""Return a registered application; the first one is registered when it is asked for."""
		if application_id == APPLICATION_ID and application_id not in self.applications:
			key = jose.key_pair("enable banking").public_key()
			self.register(APPLICATION_ID, key, (_FIRST_REDIRECT,))
		return self.applications.get(application_id)

	def register(self, application_id: str, key: RSAPublicKey, redirect_urls: tuple[str, ...]) -> Application:
		"""Register an application."""
		application = Application(application_id, key, redirect_urls)
		self.applications[application_id] = application
		return application

	def now(self) -> datetime:
		"""Return the world's present instant."""
		return self.world.clock.now()

	def quirks_of(self, institution_id: int) -> Quirks:
		"""Return how the interface of a bank behaves now."""
		return self.quirks.get(institution_id) or quirks_of(institution_id)

	def change_quirks(self, institution_id: int, **values: Any) -> None:
		"""Have a bank's interface behave otherwise from now on."""
		self.quirks[institution_id] = Quirks.changed(self.quirks_of(institution_id), values)

	def new_uuid(self) -> str:
		"""Return a new id; ids follow from the seed."""
		return str(uuid.UUID(int=self._rng.getrandbits(128), version=4))

	def open_session(self, authorization: Authorization) -> Session:
		"""Return the session of a consent that was just given, with new account ids."""
		session = Session(self.new_uuid(), authorization, self.now())
		session.accounts = [self._account(one, session) for one in authorization.shared]
		self.sessions[session.id] = session
		return session

	def offered(self, authorization: Authorization, login: str) -> list[RealAccount]:
		"""Return the payment accounts that a login sees and the application may read."""
		found = self.world.accounts(authorization.institution.id, login)
		linked = authorization.application.linked
		return [
			one
			for one in found
			if one.facts.kind in rows.OFFERED_KINDS and (linked is None or (one.facts.iban or "") in linked)
		]

	def find_account(self, application: Application, uid: str) -> tuple[Session, Account]:
		"""Return an account of an application's session. ApiError when there is none."""
		for session in self.sessions.values():
			if session.authorization.application is application:
				for account in session.accounts:
					if account.uid == uid:
						return session, account
		raise ApiError("ACCOUNT_DOES_NOT_EXIST")

	def end(self, session: Session, status: str) -> None:
		"""End a session as CLOSED, EXPIRED or REVOKED."""
		session.status, session.closed = status, self.now()
		self.listings = {key: one for key, one in self.listings.items() if one.session is not session}

	def forget(self) -> None:
		"""Drop what applications created; they, and the banks' oddities, stay."""
		with self.lock:
			for collection in (self.authorizations, self.sessions, self.listings, self.quota.calls):
				collection.clear()

	def _account(self, real: RealAccount, session: Session) -> Account:
		quirks, slot = self.quirks_of(session.institution.id), real.key.rpartition(":")[2]
		number = self._number(real, quirks, session)
		uid = "" if slot in quirks.blocked else self.new_uuid()
		numbers = [number, f"BBAN {number}"] if number else [None]
		hashes = [rows.identification_hash(real, one) for one in numbers]
		if quirks.second_first:
			hashes.reverse()
		first, other = (hashes[0], hashes[1]) if len(hashes) > 1 else (hashes[0], "")
		return Account(
			uid, real, rows.identification(real, number), identification_hash=first, other_hash=other
		)

	def _number(self, real: RealAccount, quirks: Quirks, session: Session) -> str | None:
		"""Return the IBAN shown: with pockets, that of the bank's main account for every currency."""
		if quirks.pockets and real.facts.iban and real.facts.currency != "EUR":
			return next((one.facts.iban for one in session.authorization.shared if one.facts.iban), None)
		return real.facts.iban
