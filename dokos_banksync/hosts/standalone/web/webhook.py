"""Where providers call the standalone site: no session, but a signature."""

from __future__ import annotations

from collections.abc import Iterable

from werkzeug.exceptions import MethodNotAllowed
from werkzeug.wrappers import Request, Response

from dokos_banksync.actions import runs
from dokos_banksync.actions.context import Data
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core.connection import follow_up, webhooks
from dokos_banksync.core.connection.webhooks import Call, Reader
from dokos_banksync.core.errors import Busy, NotFound
from dokos_banksync.core.provider import WebhookRequest
from dokos_banksync.core.records import ConnectionRecord
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.standalone.ledger.webhook_calls import SqliteCallStore
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.hosts.standalone.web.jobs import Jobs, Work

PATH = "/banksync/webhook/"
"""A provider's name follows."""


class Webhooks:
	"""Answers the calls to one site."""

	def __init__(self, site: Site, jobs: Jobs) -> None:
		self._site, self._jobs = site, jobs
		self._calls = SqliteCallStore(site.ledger.db, site.clock)

	def answer(self, request: Request) -> Response | None:
		"""Return the answer to a call, or None for a request that is none."""
		if not request.path.startswith(PATH):
			return None
		if request.method != "POST":
			raise MethodNotAllowed(["POST"])
		call = Call(
			provider=request.path.removeprefix(PATH),
			address=request.remote_addr or "",
			length=request.content_length or 0,
			read=lambda: WebhookRequest(
				dict(request.headers), request.get_data(), request.url, request.method
			),
		)
		site = self._site
		given = webhooks.answer(
			call, _Host(site, self._jobs), self._calls, schedule_store=site.schedule_store, now=site.clock()
		)
		return Response(given.text, given.status, mimetype="text/plain")


class _Host:
	"""`Host` of the site: jobs run on the server's worker thread."""

	def __init__(self, site: Site, jobs: Jobs) -> None:
		self._site, self._jobs = site, jobs

	def is_known(self, provider: str) -> bool:
		"""Return whether there is a provider of this name."""
		try:
			return bool(self._site.ledger.provider(provider))
		except NotFound:
			return False

	def reader(self, provider: str) -> Reader:
		"""Return what reads and verifies this provider's webhooks."""
		return self._site.provider_of(provider)

	def connections(self, provider: str) -> Iterable[ConnectionRecord]:
		"""Return the provider's connections."""
		return [record for record in self._site.ledger.connections() if record.provider == provider]

	def fetch(self, connection: str) -> bool:
		"""Start a fetch of a connection; return whether it was started."""
		site, record = self._site, self._site.ledger.connection(connection)
		translations = Translations(site.language)
		return self._start(
			record,
			lambda publish: runs.run(site, translations, record, publish=publish, trigger=Trigger.WEBHOOK),
		)

	def refresh_state(self, connection: str) -> bool:
		"""Start a refresh of a connection's state and accounts."""
		site, record = self._site, self._site.ledger.connection(connection)
		message = Translations(site.language)("State and accounts are up to date.")

		def refresh_state(_publish: runs.Publish) -> Data:
			"""Read state and accounts, and return the message that ends the job."""
			follow_up.refresh_state(site.ledger, lambda: site.provider_of(record.provider), record.name)
			return {"connection": record.name, "message": message, "indicator": "green"}

		return self._start(record, refresh_state)

	def _start(self, record: ConnectionRecord, work: Work) -> bool:
		failed = runs.defect_data(Translations(self._site.language), record)
		try:
			self._jobs.start(record.name, work, failed)
		except Busy:
			return False
		return True
