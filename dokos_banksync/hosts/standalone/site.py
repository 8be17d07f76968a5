"""The standalone site: one home folder, its ledger, and what a user can do with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType

from dokos_banksync.actions import site as desk
from dokos_banksync.actions.credentials import changed_subscription, new_subscription
from dokos_banksync.actions.runs import DEFECT
from dokos_banksync.core.clock import utc_now
from dokos_banksync.core.connection.follow_up import after_run, due_connections, due_reminders
from dokos_banksync.core.connection.notifications import Notification
from dokos_banksync.core.connection.schedule import first_run
from dokos_banksync.core.errors import Busy, Disconnected, PlanChanged, SyncError
from dokos_banksync.core.importing.approved_plan import ApprovedPlan
from dokos_banksync.core.importing.importer import Preview
from dokos_banksync.core.progress import Progress
from dokos_banksync.core.provider import Clock, Context, Provider
from dokos_banksync.core.records import RunRecord
from dokos_banksync.core.subscription import PRODUCTION, Subscription, stated_environment
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.standalone.home import DATABASE, KEY, prepare_home
from dokos_banksync.hosts.standalone.institution_files import InstitutionFiles
from dokos_banksync.hosts.standalone.ledger import SqliteLedger
from dokos_banksync.hosts.storage.schedule_store import StoredSchedule


def _ignore_notification(_notification: Notification) -> None:
	"""Pages show the state itself."""


def _do_nothing() -> None:
	"""Nothing precedes a call of the command line."""


class Site(desk.Site):
	"""Everything of one home folder. A context manager.

	`notify` is given what users must know about their connections, once. `before_provider` is called before a
	provider is asked; pages wait for their turn there.
	"""

	ledger: SqliteLedger

	def __init__(self, home: Path, clock: Clock = utc_now, language: str = "en") -> None:
		"""Raises `ConfigurationError` for a folder or a database that cannot be used."""
		self.home = prepare_home(home)
		self.language = language
		ledger = SqliteLedger(self.home / DATABASE, self.home / KEY, clock=clock, language=language)
		super().__init__(ledger, clock)
		self.schedule_store = StoredSchedule(ledger.db, ledger.codec)
		self.institution_cache = InstitutionFiles(self.home)
		self.notify: Callable[[Notification], object] = _ignore_notification
		self.before_provider: Callable[[], object] = _do_nothing

	def __enter__(self) -> Site:
		return self

	def __exit__(
		self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
	) -> None:
		self.close()

	def close(self) -> None:
		"""Close the ledger."""
		self.ledger.close()

	def add_provider(
		self,
		name: str,
		provider_type: str,
		credentials: Mapping[str, str],
		base_url: str = "",
		environment: str = PRODUCTION,
	) -> None:
		"""Store a subscription; `credentials` by the names that the provider declares.

		A declared credential `environment` counts more than the argument.
		Raises `ConfigurationError` for credentials or an address that cannot be right.
		"""
		kind, subscription = new_subscription(name, provider_type, credentials, base_url)
		environment = stated_environment(subscription.texts) or environment
		self.ledger.add_provider(kind, subscription, environment)

	def update_provider(self, name: str, credentials: Mapping[str, str], base_url: str | None = None) -> None:
		"""Replace credentials or the address; what is not given stays. Raises `ConfigurationError` as adding does."""
		provider_type = self.ledger.provider(name)["provider_type"]
		changed = changed_subscription(name, provider_type, credentials, base_url or "")
		self.ledger.update_provider(changed, preserve_address=base_url is None)

	def provider_with(self, provider_type: str, subscription: Subscription) -> Provider:
		"""See `actions.site.Site.provider_with`."""
		self.before_provider()
		return super().provider_with(provider_type, subscription)

	def remove_provider(self, name: str) -> None:
		"""Forget a subscription. Raises `InvalidData` while a connection needs its keys."""
		self.ledger.remove_provider(name)

	# -- the schedule -----------------------------------------------------------------------------------
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
		"""Fetch what the provider has, and plan the next run; see `core.importing.sync.sync`."""
		if preview:
			return super().sync(connection, trigger, progress, preview, context=context)
		try:
			run = super().sync(connection, trigger, progress, plan=plan, context=context, listed_at=listed_at)
		except (Busy, Disconnected, PlanChanged):
			# The run that goes on plans the next one; a plan is a matter between it and a user; an ended connection has none.
			raise
		except SyncError as error:
			self._follow(connection, error)
			raise
		except Exception:
			# A defect: the run is stored as failed already. Without a next time it would be due for ever.
			self._follow(connection, SyncError(DEFECT))
			raise
		self._follow(connection)
		return run

	def _follow(self, connection: str, error: SyncError | None = None) -> None:
		followed = after_run(self.ledger, self.schedule_store, connection, clock=self.clock, error=error)
		for notification in followed.notifications:
			self.notify(notification)

	def disconnect(self, connection: str) -> None:
		"""End the consent of a connection at the provider; no run is planned any more. What was imported stays."""
		super().disconnect(connection)
		entry = self.schedule_store.read(connection)
		self.schedule_store.write(connection, replace(entry, next_run_at=None))

	def due(self) -> list[str]:
		"""Return the connections to fetch now, see `follow_up.due_connections`; users are reminded of what time alone has brought."""
		for record in self.ledger.connections():
			due = due_reminders(self.ledger, self.schedule_store, record.name, self.clock)
			for notification in due.notifications:
				self.notify(notification)
		return due_connections(self.ledger, self.schedule_store, self.clock())

	def schedule(self, connection: str, frequency: str) -> None:
		"""Fetch it by itself every "24 hours", "12 hours" or "6 hours"; empty: only when a user asks."""
		record = self.ledger.connection(connection)
		self.ledger.save_connection(replace(record, automatic=bool(frequency)))
		schedule_entry = self.schedule_store.read(connection)
		schedule_entry = replace(
			schedule_entry, frequency=frequency or schedule_entry.frequency, next_run_at=None
		)
		self.schedule_store.set_frequency(connection, schedule_entry.frequency)
		at = first_run(self.ledger.connection(connection), schedule_entry, self.clock())
		self.schedule_store.write(connection, replace(schedule_entry, next_run_at=at))
