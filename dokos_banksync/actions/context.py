"""What the answers to the form scripts need of the place where they are given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.site import Site
from dokos_banksync.core.records import BankAccountRecord, ConnectionRecord

Data: TypeAlias = Mapping[str, object]
"""What goes to a browser as JSON."""


class Desk(Protocol):
	"""One call of one person. Whoever makes it has checked that the person may make this call at all."""

	@property
	def site(self) -> Site: ...

	@property
	def translations(self) -> Translations: ...

	@property
	def person(self) -> str:
		"""Who asks; a visit to a provider's page ends with whom it began."""
		...

	@property
	def email(self) -> str:
		"""The person's e-mail address, or empty."""
		...

	@property
	def callback_url(self) -> str:
		"""Where providers send the person back to."""
		...

	@property
	def names_bear_bank(self) -> bool:
		"""Does the host put the bank's name behind the name of a new Bank Account?"""
		...

	def instant(self, value: datetime | None) -> str | None:
		"""An instant as this Desk's scripts read it."""
		...

	def keep_email(self, email: str) -> None:
		"""Remember the address for the next time."""
		...

	def connection(self, name: str) -> ConnectionRecord:
		"""A connection that this call may be about; raises for any other."""
		...

	def connections(self, bank: str = "") -> Sequence[ConnectionRecord]:
		"""Those of a bank, or all, that this call may be about."""
		...

	def bank_accounts(self, bank: str) -> Sequence[BankAccountRecord]:
		"""The bank's accounts that the person may feed."""
		...

	def see(self, doctype: str, name: str) -> None:
		"""Raises for a document that is not there, or that the person may not see: nobody is told which."""
		...

	def companies(self) -> Sequence[str]:
		"""Whose books the person may feed; empty where the host has no companies."""
		...

	def chart(self, company: str, currency: str) -> Sequence[str] | None:
		"""Accounts of the chart that a new Bank Account may have; None where the host has no chart."""
		...

	def once(self, key: tuple[str, ...], begin: Callable[[], str]) -> str:
		"""The address that `begin` gives; the same click a moment later gets the same one."""
		...

	def end_clicks(self) -> None:
		"""The person came back: the next click is a new one."""
		...

	def keep_arrival(self, told: Data) -> str:
		"""Keep what a page is to tell of a return; the key of it, which the page's address bears."""
		...

	def take_arrival(self, key: str) -> Data | None:
		"""What was kept, once, and for the same person only."""
		...

	@property
	def signature(self) -> str:
		"""The person, as a document names who made it."""
		...

	def keep_certificate(self, values: Data) -> str:
		"""Keep a Sync Certificate, for good; its name."""
		...

	def certificate(self, name: str) -> Mapping[str, Any]:
		"""The fields of one that was kept; days are dates. Raises `NotFound`."""
		...

	def progress(self, connection: str) -> Data | None:
		"""What the run of a connection told last, maybe nothing yet; None while none waits or runs."""
		...

	def outcome(self, connection: str) -> Data | None:
		"""How the last run of a connection ended, a while after it did, for pages that are not told by themselves."""
		...

	@property
	def stalled(self) -> str:
		"""Why a run that was asked for now waits, in a sentence; empty where it begins at once."""
		...

	def warnings(self) -> Sequence[str]:
		"""Sentences about what keeps this site from fetching at all."""
		...

	def runs_of(self, bank: str) -> Sequence[str]:
		"""Return the runs that concern a bank, the latest first: fetches, files, merges and undos of its accounts."""
		...

	def start(self, record: ConnectionRecord) -> None:
		"""Start a run in the background. Raises `Busy` while one waits or runs."""
		...
