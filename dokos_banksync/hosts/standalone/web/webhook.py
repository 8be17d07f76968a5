"""Where providers call the embedded site: no session, but a signature."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

from werkzeug.exceptions import MethodNotAllowed
from werkzeug.wrappers import Request, Response

from dokos_banksync.actions import runs
from dokos_banksync.actions.context import Data
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core.connection import follow_up
from dokos_banksync.core.connection.webhooks import BODY_LIMIT, REMEMBERED, Answer, Reaction, receive
from dokos_banksync.core.errors import Busy, NotFound, SyncError
from dokos_banksync.core.provider import Secret, WebhookRequest
from dokos_banksync.core.records import ConnectionRecord
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.hosts.standalone.web.jobs import Jobs

PATH = "/banksync/webhook/"
"""A provider's name follows."""

CALLS = 600
WITHIN = timedelta(minutes=1)
SOON = timedelta(minutes=5)
"""When to fetch what is told while a run goes on already."""


class Webhooks:
	"""Answers the calls to one site."""

	def __init__(self, site: Site, jobs: Jobs) -> None:
		self._site, self._jobs = site, jobs
		self._throttle = _Throttle(site.clock)

	def answer(self, request: Request) -> Response | None:
		"""The answer to a call, or None for a request that is none."""
		if not request.path.startswith(PATH):
			return None
		if request.method != "POST":
			raise MethodNotAllowed(["POST"])
		given = self._answer(request)
		return Response(given.word, given.status, mimetype="text/plain")

	def _answer(self, request: Request) -> Answer:
		if (request.content_length or 0) > BODY_LIMIT:
			return Answer(413, "too large")
		if self._throttle.is_full(request.remote_addr or ""):
			return Answer(429, "too many calls")
		provider = request.path.removeprefix(PATH)
		try:
			return self._answer_provider(provider, request)
		except NotFound:
			return Answer(404, "unknown provider")
		except SyncError:
			return Answer(503, "not now")

	def _answer_provider(self, provider: str, request: Request) -> Answer:
		site = self._site
		secret_store = site.ledger.secret_store(provider)

		def first_time(mark: str) -> bool:
			new = secret_store.get(f"call {mark}") is None
			secret_store.put(f"call {mark}", Secret("seen"), site.clock() + REMEMBERED)
			return new

		def connections() -> list[ConnectionRecord]:
			return [record for record in site.ledger.connections() if record.provider == provider]

		reader = site.provider_of(provider)
		told = WebhookRequest(dict(request.headers), request.get_data(), request.url, request.method)
		given = receive(reader, told, connections, first_time, site.clock())
		for reaction in given.reactions:
			self._react(reaction)
		return given

	def _react(self, reaction: Reaction) -> None:
		site, record = self._site, self._site.ledger.connection(reaction.connection)
		translations = Translations(site.language)

		def fetch(tell: runs.Tell) -> Data:
			return runs.run(site, translations, record, tell, "webhook")

		def look(_tell: runs.Tell) -> Data:
			follow_up.look(site.ledger, lambda: site.provider_of(record.provider), record.name)
			told = translations("State and accounts are up to date.")
			return {"connection": record.name, "message": told, "indicator": "green"}

		work, failed = fetch if reaction.fetch else look, runs.told_defect(translations, record)
		try:
			self._jobs.start(record.name, work, failed)
		except Busy:
			follow_up.bring_forward(site.schedule_store, record.name, site.clock() + SOON)


class _Throttle:
	"""Counts the calls of each address within a minute."""

	def __init__(self, clock: Callable[[], datetime]) -> None:
		self._clock, self._lock = clock, Lock()
		self._calls: dict[str, deque[datetime]] = {}

	def is_full(self, address: str) -> bool:
		now = self._clock()
		with self._lock:
			self._calls = {who: at for who, at in self._calls.items() if at[-1] > now - WITHIN}
			calls = self._calls.setdefault(address, deque(maxlen=CALLS))
			full = len(calls) == CALLS and calls[0] > now - WITHIN
			if not full:
				calls.append(now)
			return full
