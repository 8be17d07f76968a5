"""The request context of a Frappe site's Desk: the user, what they may see, and the cache of what they are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import frappe
from frappe.permissions import get_user_permissions

from dokos_banksync.actions.context import Data
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.site import Site
from dokos_banksync.core.clock import utc_now
from dokos_banksync.core.errors import Busy, InvalidData, NotFound
from dokos_banksync.core.progress import Stage
from dokos_banksync.core.provider import Context
from dokos_banksync.core.records import BankAccountRecord, ConnectionRecord
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.frappe import (
	health,
	institution_cache,
	progress,
	request_cache,
	request_presence,
	scheduler,
)
from dokos_banksync.hosts.frappe.current_job import current
from dokos_banksync.hosts.frappe.http_errors import must
from dokos_banksync.hosts.frappe.institution_cache import InstitutionCache
from dokos_banksync.hosts.frappe.ledger import FrappeLedger, chart_of_accounts, locks
from dokos_banksync.hosts.frappe.ledger.fields import has
from dokos_banksync.hosts.frappe.ledger.values import stamp
from dokos_banksync.hosts.frappe.permissions import bank_accounts_within_limits, sees_account_of
from dokos_banksync.hosts.storage.sql import ACCOUNT, CONNECTION, PROVIDER

CALLBACK = "/api/method/dokos_banksync.api.connections.callback"
_EMAIL = "banksync_email"
_RUNS_OF_BANK = 200
_RUNS_READ = 5 * _RUNS_OF_BANK
"""Some of them the user may not see."""
_NOT_THERE = {
	"Bank Account": "There is no bank account {0}: see the list of bank accounts",
	"Bank Transaction": "There is no bank transaction {0}",
	"Sync Certificate": "There is no certificate {0}: see the list of certificates",
	"Sync Line": "There is no line {0}",
	"Sync Provider": "There is no provider {0}: see the list of providers",
	"Sync Run": "There is no run {0}: see the history of runs",
}


class FrappeContext:
	"""`actions.context.RequestContext` for the user of this request. `right` is what the call needs on a connection."""

	def __init__(self, right: str = "read") -> None:
		self.right = right
		self.user: str = frappe.session.user
		self.translations = Translations((frappe.local.lang or "en").partition("-")[0])
		ledger = FrappeLedger(utc_now, self.translations.language)
		self.site = Site(ledger, utc_now, _one_taker())

	# -- the user ---------------------------------------------------------------------------------------
	@property
	def email(self) -> str:
		"""Return the address that the user entered before, else that of the account; a new site's Administrator has a placeholder."""
		entered = frappe.defaults.get_user_default(_EMAIL, self.user)
		own = frappe.db.get_value("User", self.user, "email") or ""
		return str(entered or ("" if own.endswith("@example.com") else own))

	def store_email(self, email: str) -> None:
		"""Store the address as a default of the user."""
		if email != self.email:
			frappe.defaults.set_user_default(_EMAIL, email, self.user)

	@property
	def presence(self) -> Context:
		"""Return the user's presence: the address and the user agent of the request, where there is one."""
		job = current()
		return job.presence if job else request_presence.presence()

	def step(self, stage: Stage, done: int, total: int | None) -> None:
		"""Report to the job that performs this call, if there is one."""
		job = current()
		if job:
			job.progress(stage, done, total)

	@property
	def callback_url(self) -> str:
		"""Return the address of the callback method on this site."""
		return str(frappe.utils.get_url(CALLBACK))

	def instant(self, value: datetime | None) -> str | None:
		"""Return an instant as the Desk's scripts read it: in the site's time zone, to the second."""
		return (stamp(value) or "")[:19] or None

	# -- lists of banks -----------------------------------------------------------------------------------
	@property
	def institution_cache(self) -> InstitutionCache:
		"""Return the lists in the site's cache."""
		return InstitutionCache()

	def refresh_institutions(self, provider: str) -> None:
		"""Put the reading of a provider's list on the queue."""
		institution_cache.refresh_soon(provider)

	# -- connections and accounts -------------------------------------------------------------------------
	def connection(self, name: str) -> ConnectionRecord:
		"""Return a connection; for one that the user may not see, the same error as for one that does not exist."""
		record = self.site.ledger.connection(name)
		if not frappe.has_permission(CONNECTION, "read", doc=name):
			raise NotFound("There is no connection {0}: see the list of connections", name)
		must(CONNECTION, self.right, name)
		return record

	def connections(self, bank: str = "") -> Sequence[ConnectionRecord]:
		"""Return the connections of a bank, or all, that the user may read."""
		filters = {"bank": bank} if bank else {}
		visible = set(frappe.get_list(CONNECTION, filters=filters, pluck="name", limit_page_length=0))
		return [record for record in self.site.ledger.connections(bank) if record.name in visible]

	def bank_accounts(self, bank: str) -> Sequence[BankAccountRecord]:
		"""Return the Bank Accounts that the user may feed; a user without a right on Bank Accounts still feeds those within
		their limits.
		"""
		found = self.site.ledger.bank_accounts(bank)
		if not frappe.has_permission(ACCOUNT, "read"):
			return bank_accounts_within_limits(found)
		filters = {"bank": bank} if bank else {}
		visible = set(frappe.get_list(ACCOUNT, filters=filters, pluck="name", limit_page_length=0))
		return [account for account in found if account.name in visible]

	def providers(self) -> Sequence[str]:
		"""See `RequestContext.providers`."""
		found: list[str] = frappe.get_list(PROVIDER, pluck="name", limit_page_length=0)
		return found

	def see(self, doctype: str, name: str) -> None:
		"""Raise `NotFound` for a document that does not exist or that the user may not read."""
		if not frappe.db.exists(doctype, name) or not frappe.has_permission(doctype, "read", doc=name):
			raise NotFound(_NOT_THERE[doctype], name)
		if doctype == "Bank Transaction" and not sees_account_of(name):
			raise NotFound(_NOT_THERE[doctype], name)

	# -- certificates -------------------------------------------------------------------------------------
	@property
	def signature(self) -> str:
		"""Return the user's full name."""
		return str(frappe.utils.get_fullname(self.user))

	def store_certificate(self, values: Data) -> str:
		"""Store a certificate. Certificates are made in this way only, so no right on the doctype is required."""
		fields = {
			field: stamp(value) if isinstance(value, datetime) else value for field, value in values.items()
		}
		made = frappe.get_doc({"doctype": "Sync Certificate", **fields})
		return str(made.insert(ignore_permissions=True).name)

	def certificate(self, name: str) -> Mapping[str, Any]:
		"""Return the fields of a Sync Certificate."""
		found: Mapping[str, Any] = frappe.get_doc("Sync Certificate", name).as_dict()
		return found

	def companies(self) -> Sequence[str]:
		"""Return the companies, the user's default first."""
		if not has(CONNECTION, "company"):
			return ()
		rules = get_user_permissions(self.user).get("Company")
		every = frappe.get_all("Company", pluck="name", order_by="name")
		allowed = {rule["doc"] for rule in rules} if rules else set(every)
		own = chart_of_accounts.default_company()
		return sorted((name for name in every if name in allowed), key=lambda name: name != own)

	def chart(self, company: str, currency: str) -> Sequence[str] | None:
		"""Return accounts that a new Bank Account may have; None without a chart of accounts."""
		if not has(ACCOUNT, "account"):
			return None
		return chart_of_accounts.candidates(company or chart_of_accounts.default_company(), currency)

	@property
	def names_include_bank(self) -> bool:
		"""Return whether the host appends the bank to a Bank Account's name."""
		return has(ACCOUNT, "account")

	# -- what is remembered from one request to the next ----------------------------------------------------
	def once(self, key: tuple[str, ...], begin: Callable[[], str]) -> str:
		"""Return the address that `begin` gives, once per double click."""
		return request_cache.click(self.user, key, begin)

	def end_double_click(self) -> None:
		"""Let the next click start again."""
		request_cache.end_double_click(self.user)

	def store_outcome(self, outcome: Data) -> str:
		"""Store the outcome of a callback, and return its key."""
		return request_cache.store_outcome(self.user, outcome)

	def take_outcome(self, key: str) -> Data | None:
		"""Return a stored outcome once, to the same user only."""
		return request_cache.take_outcome(self.user, key)

	# -- the background -------------------------------------------------------------------------------------
	def progress(self, connection: str) -> Data | None:
		"""Return the last progress of a connection's run; None while none waits or runs."""
		return scheduler.progress_of(connection)

	def outcome(self, connection: str) -> Data | None:
		"""Return how the last run of a connection ended, for a while after it."""
		return progress.outcome(connection)

	def runs_of(self, bank: str) -> Sequence[str]:
		"""Return the runs that the user may see. A file, a merge or an undo has no connection: its journal names the account."""
		connections = [record.name for record in self.connections(bank)]
		accounts = [account.name for account in self.bank_accounts(bank)]
		latest = self.site.ledger.runs_about(connections, accounts, _RUNS_READ)
		found: Sequence[str] = frappe.get_list(
			"Sync Run",
			{"name": ("in", latest or [""])},
			pluck="name",
			order_by="started_at desc",
			limit_page_length=_RUNS_OF_BANK,
		)
		return found

	@property
	def stalled(self) -> str:
		"""Return why background jobs do not run, or an empty text."""
		return health.stalled(self.translations)

	def warnings(self) -> Sequence[str]:
		"""Return what is wrong with the site's set-up."""
		return health.complaints(self.translations)

	def start(self, record: ConnectionRecord) -> None:
		"""Queue a fetch of a connection. Raise `Busy` while one waits or runs."""
		if not scheduler.start([record.name], Trigger.MANUAL, self.user, self.presence):
			raise Busy("A synchronization of this bank is under way: wait until it has ended")
		frappe.db.commit()  # the job waits for it, and a request that wrote nothing ends without one


def must_see_bank(bank: str) -> None:
	"""Raises for a bank that is not there, is not theirs to see, or is disabled.

	Who looks after connections on a host that shows them no Bank is held to their User Permissions alone.
	"""
	if not frappe.db.exists("Bank", bank):
		raise NotFound("There is no bank {0}: see the list of banks", bank)
	rules = get_user_permissions(frappe.session.user).get("Bank")
	if frappe.has_permission("Bank", "read"):
		must("Bank", "read", bank)
	elif rules and bank not in [rule["doc"] for rule in rules]:
		raise NotFound("There is no bank {0}: see the list of banks", bank)
	if has("Bank", "disabled") and frappe.db.get_value("Bank", bank, "disabled"):
		raise InvalidData("{0} is disabled: enable it to connect it", bank)


@contextmanager
def _one_taker() -> Iterator[None]:
	"""One process at a time takes a return, and sees what the one before it took."""
	with locks.hold("pending-sessions", wait=10):
		frappe.db.rollback()
		yield
