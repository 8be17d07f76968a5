"""The sandbox Ponto itself: what it knows, and what can be done to it from Python."""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Iterator
from datetime import datetime

from dokos_banksync.sandbox.accounts import RealAccount
from dokos_banksync.sandbox.customers import customer_of
from dokos_banksync.sandbox.institutions import Institution
from dokos_banksync.sandbox.ponto.errors import missing
from dokos_banksync.sandbox.ponto.model import (
	APPLICATION_ID,
	CLIENT_ID,
	CLIENT_SECRET,
	OWN_CLIENT_ID,
	OWN_CLIENT_SECRET,
	Account,
	Application,
	AuthorizationFlow,
	Grant,
	Organization,
	Settings,
	Synchronization,
	Token,
)
from dokos_banksync.sandbox.ponto.reading import Reader
from dokos_banksync.sandbox.ponto.webhooks import Webhooks
from dokos_banksync.sandbox.world import World

_FIRST_REDIRECT = "http://127.0.0.1:9/back"
OFFERED_KINDS = frozenset({"checking", "savings", "card", "brokerage"})


class Ponto:
	"""Ponto over a world. `lock` is held by whoever reads or changes it.

	Ids and tokens follow from the world's seed and the order of calls. The organization that a login belongs
	to is its user's; "alex" owns the custom integration.
	"""

	def __init__(self, world: World) -> None:
		self.world = world
		self.lock = threading.RLock()
		self.settings = Settings()
		self._rng = random.Random(f"ponto|{world.seed}")
		self.applications = {
			one.client_id: one
			for one in (
				Application(APPLICATION_ID, CLIENT_ID, CLIENT_SECRET, (_FIRST_REDIRECT,)),
				Application("own", OWN_CLIENT_ID, OWN_CLIENT_SECRET, owner="alex"),
			)
		}
		self.organizations: dict[str, Organization] = {}
		self.grants: list[Grant] = []
		self.tokens: dict[str, Token] = {}
		self.flows: dict[str, AuthorizationFlow] = {}
		self.onboarding: dict[str, dict[str, object]] = {}
		self.synchronizations: dict[str, Synchronization] = {}
		self.webhooks = Webhooks(self)
		self.reader = Reader(self)
		world.on_refresh(self.refresh)

	def now(self) -> datetime:
		"""Return the world's present instant."""
		return self.world.clock.now()

	def refresh(self) -> None:
		"""Ponto's own synchronizations, several times a day."""
		with self.lock:
			for organization in self.organizations.values():
				for account in organization.accounts.values():
					self.reader.read_now(account)

	def new_uuid(self) -> str:
		"""Return a new id; ids follow from the seed."""
		return str(uuid.UUID(int=self._rng.getrandbits(128), version=4))

	def new_secret(self) -> str:
		"""Return a new token."""
		return f"{self._rng.getrandbits(128):032x}.{self._rng.getrandbits(128):032x}"

	def organization_of(self, login: str) -> Organization:
		"""Return the organization of the user behind a login."""
		key = customer_of(login).key
		if key not in self.organizations:
			self.organizations[key] = Organization(self.new_uuid(), key)
		return self.organizations[key]

	def offered(self, institution: Institution, login: str) -> list[RealAccount]:
		"""Return the accounts that a login sees and Ponto reads."""
		found = self.world.accounts(institution.id, login)
		return [one for one in found if one.facts.kind in OFFERED_KINDS]

	def add_account(self, organization: Organization, institution: Institution, real: RealAccount) -> Account:
		"""Add an account to an organization, or authorize it anew, and read it."""
		now = self.now()
		expires = now + self.settings.consent_life
		found = next((one for one in organization.accounts.values() if one.real is real), None)
		if found is not None:
			found.authorized_at, found.expires_at = now, expires
			self.webhooks.account("account.reauthorized", found)
		else:
			found = Account(
				self.new_uuid(), real, institution=institution, authorized_at=now, expires_at=expires
			)
			organization.accounts[found.id] = found
		self.reader.read_now(found)
		return found

	def link(
		self, institution_id: int, login: str = "success", application: str = OWN_CLIENT_ID
	) -> list[str]:
		"""Add all accounts of a login in the dashboard and share them with an application; their ids."""
		with self.lock:
			organization, institution = self.organization_of(login), self.world.institutions[institution_id]
			found = [
				self.add_account(organization, institution, real) for real in self.offered(institution, login)
			]
			self.share(organization, self.applications[application], found)
			return [one.id for one in found]

	def share(self, organization: Organization, application: Application, accounts: list[Account]) -> None:
		"""Link an organization to an application, with these accounts added to what is shared."""
		if application.id not in organization.integrations:
			organization.integrations[application.id] = set()
			self.webhooks.organization("integration.created", organization, application)
		shared = organization.integrations[application.id]
		for account in accounts:
			if account.id not in shared:
				shared.add(account.id)
				self.webhooks.account("integration.accountAdded", account)

	def revoke_account(self, account: Account) -> None:
		"""Take an account out of every integration; its data can no longer be read."""
		for organization in self.organizations.values():
			for shared in organization.integrations.values():
				shared.discard(account.id)
		self.webhooks.account("integration.accountRevoked", account)

	def end_integration(self, organization: Organization, application: Application) -> None:
		"""End an integration with all its grants and tokens."""
		organization.integrations.pop(application.id, None)
		for grant in self.grants:
			if grant.organization is organization and grant.application is application:
				self.end_grant(grant)
		self.webhooks.organization("integration.revoked", organization, application)

	def end_grant(self, grant: Grant) -> None:
		"""End a grant with its tokens."""
		grant.revoked = True
		self.tokens = {text: token for text, token in self.tokens.items() if token.grant is not grant}

	def accounts(self, token: Token) -> list[Account]:
		"""Return the accounts that a token may read."""
		if token.organization is None:
			return []
		shared = token.organization.integrations.get(token.application.id, set())
		return [one for one in token.organization.accounts.values() if one.id in shared]

	def account(self, token: Token, account_id: str) -> Account:
		"""Return an account that a token may read. ApiError (404) otherwise."""
		for account in self.accounts(token):
			if account.id == account_id:
				return account
		raise missing("account")

	def find_account(self, account_id: str) -> tuple[Organization, Account]:
		"""KeyError when no organization has it."""
		for organization in self.organizations.values():
			if account_id in organization.accounts:
				return organization, organization.accounts[account_id]
		raise KeyError(account_id)

	def integrated(self, account: Account) -> Iterator[tuple[Organization, Application]]:
		"""Give the integrations that an account is shared with."""
		by_id = {one.id: one for one in self.applications.values()}
		for organization in self.organizations.values():
			if account.id in organization.accounts:
				for application_id in organization.integrations:
					yield organization, by_id[application_id]

	def forget(self) -> None:
		"""Drop everything that clients created; applications and settings stay."""
		with self.lock:
			for collection in (
				self.organizations,
				self.tokens,
				self.flows,
				self.onboarding,
				self.synchronizations,
			):
				collection.clear()
			self.grants.clear()
			self.webhooks.outbox.forget()
