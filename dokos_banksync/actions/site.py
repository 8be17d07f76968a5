"""A site: its ledger, and the actions of a user on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import islice
from typing import NamedTuple

from dokos_banksync.actions.pending_sessions import ConnectAttempt, PendingSession, PendingSessions
from dokos_banksync.actions.site_ledger import SiteLedger
from dokos_banksync.core.connection import connect
from dokos_banksync.core.connection.completing import ConnectResult, complete_beside, complete_connect
from dokos_banksync.core.connection.connect import Choice, Proposal
from dokos_banksync.core.errors import (
	ConsentRevoked,
	InvalidData,
	NotFound,
	RateLimited,
	SyncError,
	TemporaryError,
)
from dokos_banksync.core.importing.access import access_to
from dokos_banksync.core.importing.approved_plan import ApprovedPlan
from dokos_banksync.core.importing.importer import Preview
from dokos_banksync.core.importing.sync import sync
from dokos_banksync.core.message import Message
from dokos_banksync.core.model import ConnectionStatus, Institution
from dokos_banksync.core.progress import Progress
from dokos_banksync.core.provider import UNATTENDED, Check, Clock, Context, Provider
from dokos_banksync.core.records import (
	AccountRecord,
	ConnectionRecord,
	RunRecord,
)
from dokos_banksync.core.subscription import Subscription
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.providers.registry import make_provider

INSTITUTIONS_SHOWN = 200
POLL_SECONDS = 20.0
"""How long a user's return waits for a provider that says "not yet": a web request may not last longer."""
SHORTEST_WAIT = 0.5
"""Seconds between two polls at least, whatever the provider says."""


_BY_HAND = "Start again in a moment: only fetches are repeated automatically."
_BANK_LISTS_CONSENT = (
	"The bank may list the consent for some time: only you can end it there, in your online banking."
)


@contextmanager
def said_to_be_repeated_by_hand() -> Iterator[None]:
	"""Add to an error that passes by itself that connecting is not repeated automatically: most of these errors are of fetches."""
	try:
		yield
	except (TemporaryError, RateLimited) as error:
		error.message = Message("{0} {1}", error.message, Message(_BY_HAND))
		error.args = (error.message,)
		raise


class ConnectLink(NamedTuple):
	"""The address to open, and the state that the user returns with."""

	connection: str
	url: str
	state: str
	polls: bool = False
	"""The user does not return to our address: poll `finish` with an empty query."""


class Site:
	"""`ledger` holds what is stored; `taking` is held while a return is taken, by one process at a time."""

	ledger: SiteLedger

	def __init__(
		self, ledger: SiteLedger, clock: Clock, taking: AbstractContextManager[object] | None = None
	) -> None:
		self.ledger = ledger
		self.clock = clock
		self.sleep: Callable[[float], object] = time.sleep
		self._pending = PendingSessions(ledger.secret_store, self._provider_names, clock, taking)

	def _provider_names(self) -> list[str]:
		return [provider["name"] for provider in self.ledger.providers()]

	# -- providers --------------------------------------------------------------------------------------
	def check_provider(self, name: str) -> Check:
		"""Check the credentials, the connection to the API, and what the subscription allows."""
		return self.provider_of(name).check()

	def provider_of(self, provider: str) -> Provider:
		"""Return the provider of a subscription. Raise `NotFound` where there is none of that name."""
		return self.provider_with(*self.ledger.subscription(provider))

	def provider_with(self, provider_type: str, subscription: Subscription) -> Provider:
		"""Return the provider of a subscription with its credentials."""
		name = subscription.name
		secret_store, rate_limits = self.ledger.secret_store(name), self.ledger.rate_limits(name)
		return make_provider(
			provider_type, subscription, secret_store, rate_limits=rate_limits, clock=self.clock
		)

	def institutions(self, provider: str, search: str = "", country: str = "") -> list[Institution]:
		"""Return the first institutions of a provider that match a search."""
		found = self.provider_of(provider).institutions(search, country)
		return list(islice(found, INSTITUTIONS_SHOWN))

	# -- a user at the provider's page ------------------------------------------------------------------
	def begin_connect(
		self,
		bank: str,
		provider: str,
		institution_id: str,
		callback_url: str,
		user: str,
		email: str,
		company: str = "",
		*,
		country: str = "",
		context: Context = UNATTENDED,
	) -> ConnectLink:
		"""Send a user to connect a bank. Asked again before they came back, it is the same connection."""
		if not bank.strip():
			raise InvalidData("The bank has no name: give it one")
		adapter = self.provider_of(provider)
		attempt = ConnectAttempt(bank, institution_id, user, company)
		held = self._unfinished(self._pending.same(provider, attempt))
		record = held or self.ledger.add_connection(bank, provider, institution_id, company)
		try:
			link = self._begin(
				adapter, record, callback_url, user=user, email=email, country=country, context=context
			)
		except SyncError:
			if held is None:
				self.ledger.forget_connection(record.name)
			raise
		self._pending.remember(provider, record.name, attempt)
		return link

	def _unfinished(self, connection: str) -> ConnectionRecord | None:
		known = {record.name: record for record in self.ledger.connections()} if connection else {}
		record = known.get(connection)
		return record if record and record.status is ConnectionStatus.CONNECTING else None

	def begin_reconnect(
		self,
		connection: str,
		callback_url: str,
		user: str,
		email: str,
		accounts_only: bool = False,
		*,
		context: Context = UNATTENDED,
	) -> ConnectLink:
		"""Send a user to sign in again: the consent is renewed, before it ends too, and the credentials and
		the accounts shared may change. With `accounts_only` a consent that lasts is left as it is.

		A connection that was ended at the bank or the provider, which no longer knows it, is connected anew.
		"""
		record = self.ledger.connection(connection)
		begin = partial(
			self._begin,
			self.provider_of(record.provider),
			callback_url=callback_url,
			user=user,
			email=email,
			renew_now=not accounts_only,
			context=context,
		)
		try:
			return begin(record)
		except ConsentRevoked:
			if not record.ended_elsewhere:
				raise
			self.ledger.forget_grant(connection)
			anew = replace(record, remote_id="", remote_user="")
			self.ledger.save_connection(anew)
			return begin(anew)

	def _begin(
		self,
		provider: Provider,
		record: ConnectionRecord,
		callback_url: str,
		user: str,
		email: str,
		*,
		country: str = "",
		renew_now: bool = False,
		context: Context,
	) -> ConnectLink:
		state = self._pending.begin(record.provider, record.name, user, record.remote_id)
		with said_to_be_repeated_by_hand():
			started = connect.start(
				self.ledger,
				provider,
				record,
				callback_url=callback_url,
				state=state,
				email=email,
				country=country,
				renew_now=renew_now,
				context=context,
			)
		self._pending.store_session(state, record.provider, started.session)
		return ConnectLink(record.name, started.url, state, started.polls)

	def finish(
		self, state: str, query: Mapping[str, str], user: str, *, context: Context = UNATTENDED
	) -> ConnectResult:
		"""Complete a pending session. A state counts once, for the user it was made for, within the hour.

		Raises `NotFound` for any other. While the provider does not know the result, and after a failure that
		passes by itself, the same state may be used again. Polls for `POLL_SECONDS` at most.
		"""
		pending = self._pending.take(state, user)
		try:
			with said_to_be_repeated_by_hand():
				result = self._complete(pending, query, context)
		except (TemporaryError, RateLimited):
			self._pending.put_back(state, pending)
			raise
		if result.pending:
			self._pending.put_back(state, pending)
		elif result.connection.name != pending.connection:
			self.forget_unfinished(pending.connection)  # all logins were at other banks
		return result

	def _complete(self, pending: PendingSession, query: Mapping[str, str], context: Context) -> ConnectResult:
		provider = self.provider_of(pending.provider)
		waited = 0.0
		while True:
			result = self._outcome(provider, pending, query, context)
			pause = max(result.poll_after.total_seconds(), SHORTEST_WAIT)
			waited += pause
			if not result.pending or waited > POLL_SECONDS:
				return result
			self.sleep(pause)
			query = {}

	def _outcome(
		self, provider: Provider, pending: PendingSession, query: Mapping[str, str], context: Context
	) -> ConnectResult:
		try:
			record, session = self.ledger.connection(pending.connection), pending.session
		except NotFound as error:
			raise NotFound(
				"The connection of this return was given up or removed in another window meanwhile. Connect the bank again."
			) from error
		if record.remote_id and not pending.remote_id:
			return complete_beside(
				self.ledger, provider, record, query=query, session=session, context=context
			)
		return complete_connect(
			self.ledger, provider, record.name, query=query, session=session, context=context
		)

	def forget_unfinished(self, connection: str) -> bool:
		"""Delete a connection whose consent was never given; return whether it was one.

		The user that was made for it at the provider is deleted too, where the provider answers.
		"""
		record = self.ledger.connection(connection)
		unfinished = record.status is ConnectionStatus.CONNECTING and not record.remote_id
		if not unfinished or self.ledger.accounts(connection):
			return False
		if record.remote_user:
			with suppress(SyncError):
				self.provider_of(record.provider).revoke(access_to(self.ledger, record))
		self.ledger.forget_connection(connection)
		return True

	# -- accounts and transactions ------------------------------------------------------------------------
	def proposals(self, connection: str) -> list[Proposal]:
		"""Return the accounts of a connection, each with the Bank Account that it may feed."""
		return connect.proposals(self.ledger, connection)

	def link(self, connection: str, choices: Sequence[Choice]) -> None:
		"""Link remote accounts to Bank Accounts as the user chose; a connection that is replaced is disconnected."""
		connect.link(self.ledger, connection, choices, end=self.disconnect)

	def refresh_accounts(self, connection: str, *, context: Context = UNATTENDED) -> list[AccountRecord]:
		"""Read the state and the accounts of a connection again and return the accounts."""
		return connect.refresh(self.ledger, self._provider_of_connection(connection), connection, context)

	def sync(
		self,
		connection: str,
		trigger: Trigger = Trigger.MANUAL,
		progress: Progress | None = None,
		preview: Preview | None = None,
		plan: ApprovedPlan | None = None,
		context: Context | None = None,
		listed_at: datetime | None = None,
	) -> RunRecord:
		"""Fetch what the provider has; see `core.importing.sync.sync`."""
		return sync(
			self.ledger,
			self._provider_of_connection(connection),
			connection,
			clock=self.clock,
			trigger=trigger,
			progress=progress,
			preview=preview,
			plan=plan,
			context=context,
			listed_at=listed_at,
		)

	def disconnect(self, connection: str) -> None:
		"""End the consent of a connection at the provider. What was imported stays."""
		connect.disconnect(self.ledger, self._provider_of_connection(connection), connection)

	def what_remains(self, connection: str) -> str:
		"""Return what a user who has disconnected should know or do, in English; empty where nothing remains."""
		known = self._provider_of_connection(connection).capabilities
		return _BANK_LISTS_CONSENT if known.bank_lists_consent else ""

	def _provider_of_connection(self, connection: str) -> Provider:
		return self.provider_with(*self.ledger.subscription_of(connection))
