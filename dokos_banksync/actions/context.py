"""What an action needs from the host that runs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.institution_lists import ListCache
from dokos_banksync.actions.site import Site
from dokos_banksync.core.progress import Stage
from dokos_banksync.core.provider import Context
from dokos_banksync.core.records import BankAccountRecord, ConnectionRecord

Data: TypeAlias = Mapping[str, object]
"""What goes to a browser as JSON."""


class RequestContext(Protocol):
	"""One call of one user. The host has checked that the user may make this call at all."""

	@property
	def site(self) -> Site:
		"""Return the site that the call is about."""
		...

	@property
	def translations(self) -> Translations:
		"""Return the sentences in the user's language."""
		...

	@property
	def user(self) -> str:
		"""Return the user who makes the call. Only this user can complete the connection that they began."""
		...

	@property
	def email(self) -> str:
		"""Return the user's e-mail address, or an empty text."""
		...

	@property
	def presence(self) -> Context:
		"""Return the user's presence, as banks receive it; see `actions.presence`."""
		...

	@property
	def callback_url(self) -> str:
		"""Return the address to which providers send the user back."""
		...

	@property
	def names_include_bank(self) -> bool:
		"""Return whether the host puts the bank's name behind the name of a new Bank Account."""
		...

	def instant(self, value: datetime | None) -> str | None:
		"""Return an instant in the format of this Desk's scripts."""
		...

	def store_email(self, email: str) -> None:
		"""Remember the address for the next time."""
		...

	@property
	def institution_cache(self) -> ListCache:
		"""Return where the lists of banks are stored."""
		...

	def refresh_institutions(self, provider: str) -> None:
		"""Read a provider's list of banks again in the background; a failure leaves the stored one."""
		...

	def connection(self, name: str) -> ConnectionRecord:
		"""Return a connection that the user may access; raises for any other."""
		...

	def connections(self, bank: str = "") -> Sequence[ConnectionRecord]:
		"""Return the connections of a bank, or all, that the user may access."""
		...

	def bank_accounts(self, bank: str) -> Sequence[BankAccountRecord]:
		"""Return the accounts of a bank, or of all, that the user may see."""
		...

	def providers(self) -> Sequence[str]:
		"""Return the names of the Sync Providers that the user may use."""
		...

	def see(self, doctype: str, name: str) -> None:
		"""Raise an error for a document that does not exist, or that the user may not read: the same one for both."""
		...

	def companies(self) -> Sequence[str]:
		"""Return the companies that the user may write to; none where the host has no companies."""
		...

	def chart(self, company: str, currency: str) -> Sequence[str] | None:
		"""Return accounts of the chart that a new Bank Account may have; None where the host has no chart."""
		...

	def step(self, stage: Stage, done: int, total: int | None) -> None:
		"""Report how far this call is; see `Progress`. Raise `Cancelled` where the user has cancelled it."""
		...

	def once(self, key: tuple[str, ...], begin: Callable[[], str]) -> str:
		"""Return the address that `begin` gives; the same click a moment later gets the same one."""
		...

	def end_double_click(self) -> None:
		"""Treat the next click as a new one, because the user has come back."""
		...

	def store_outcome(self, outcome: Data) -> str:
		"""Store the outcome that a page will show, and return its key for the page's address."""
		...

	def take_outcome(self, key: str) -> Data | None:
		"""Return a stored outcome, once, and to the same user only."""
		...

	@property
	def signature(self) -> str:
		"""Return the user as documents name their owner."""
		...

	def store_certificate(self, values: Data) -> str:
		"""Store a Sync Certificate, and return its name."""
		...

	def certificate(self, name: str) -> Mapping[str, Any]:
		"""Return the fields of a stored certificate; days are dates. Raises `NotFound`."""
		...

	def progress(self, connection: str) -> Data | None:
		"""Return the last progress of a connection's run, maybe empty; None while none waits or runs."""
		...

	def outcome(self, connection: str) -> Data | None:
		"""Return the result of the last run of a connection, for pages that receive no events; it expires."""
		...

	@property
	def stalled(self) -> str:
		"""Return a sentence that says why a run would have to wait; empty if it would begin at once."""
		...

	def warnings(self) -> Sequence[str]:
		"""Return sentences about what prevents this site from fetching."""
		...

	def runs_of(self, bank: str) -> Sequence[str]:
		"""Return the runs that concern a bank, the latest first: fetches, files, merges and undos of its accounts."""
		...

	def start(self, record: ConnectionRecord) -> None:
		"""Start a run in the background. Raises `Busy` while one waits or runs."""
		...
