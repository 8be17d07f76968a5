"""A request: its user, its arguments and its response."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from getpass import getuser
from typing import Any

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from dokos_banksync.actions import runs
from dokos_banksync.actions.context import Data
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.institution_lists import InstitutionLists
from dokos_banksync.actions.presence import of_browser
from dokos_banksync.core.errors import SyncError
from dokos_banksync.core.progress import Stage
from dokos_banksync.core.provider import Context
from dokos_banksync.core.records import BankAccountRecord, ConnectionRecord
from dokos_banksync.hosts.standalone.institution_files import InstitutionFiles
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.hosts.standalone.web.double_click_guard import DoubleClickGuard
from dokos_banksync.hosts.standalone.web.jobs import Jobs
from dokos_banksync.hosts.standalone.web.rendering import render, scripts
from dokos_banksync.hosts.standalone.web.sessions import Session

CALLBACK = "/banksync/callback"
RUNS_OF_BANK = 100
_NAMES = {"name": ("name", "bank_name", "provider_name")}
"""Names of a field in the forms, where they are not the one that errors have."""


@dataclass(frozen=True)
class PageScripts:
	"""What the stand-in for the Desk knows of a page: a form of a document, or a list of several."""

	view: str = ""
	doctype: str = ""
	doc: Mapping[str, object] = field(default_factory=dict)
	docs: Sequence[Mapping[str, object]] = ()
	scripts: Sequence[str] = ()

	def data(self) -> dict[str, object]:
		"""Return what the page's scripts read."""
		return {"view": self.view, "doctype": self.doctype, "doc": dict(self.doc), "docs": list(self.docs)}


@dataclass(frozen=True)
class Call:
	"""A request of a user who is logged in; their `RequestContext`. Every user may do everything; there is
	one company, which needs no name.
	"""

	site: Site
	request: Request
	session: Session
	translations: Translations
	jobs: Jobs
	clicks: DoubleClickGuard
	refused: SyncError | None = None
	"""Why the form that was sent is shown again."""

	@property
	def callback_url(self) -> str:
		"""Return the address to which providers send the user back."""
		return f"{self.request.host_url.rstrip('/')}{CALLBACK}"

	@property
	def user(self) -> str:
		"""Return the user of the session."""
		return self.session.user

	@property
	def presence(self) -> Context:
		"""Return the address and the user agent of the browser."""
		return of_browser(self.request.remote_addr, self.request.headers.get("User-Agent"))

	@property
	def email(self) -> str:
		"""Return the e-mail address of the session, or an empty text."""
		return self.session.email

	@property
	def names_include_bank(self) -> bool:
		"""Return False: names are used as they are given."""
		return False

	def instant(self, value: datetime | None) -> str | None:
		"""Return an instant in the time zone of this machine, as the pages are: browsers show the time that is given."""
		return value.astimezone().replace(tzinfo=None).isoformat("T", "seconds") if value else None

	def store_email(self, email: str) -> None:
		"""Remember the address in the session."""
		self.session.email = email

	@property
	def institution_cache(self) -> InstitutionFiles:
		"""Return the lists in the home folder."""
		return self.site.institution_cache

	def refresh_institutions(self, provider: str) -> None:
		"""Read a provider's list after the runs that wait."""
		lists = InstitutionLists(self.site, self.institution_cache)
		self.jobs.perform_quietly(f"institutions of {provider}", lambda: lists.refresh(provider))

	def connection(self, name: str) -> ConnectionRecord:
		"""Return the connection. Raise `NotFound`."""
		return self.site.ledger.connection(name)

	def connections(self, bank: str = "") -> Sequence[ConnectionRecord]:
		"""Return the connections of a bank, or all."""
		return self.site.ledger.connections(bank)

	def bank_accounts(self, bank: str) -> Sequence[BankAccountRecord]:
		"""Return the accounts of a bank, or all."""
		return self.site.ledger.bank_accounts(bank)

	def providers(self) -> Sequence[str]:
		"""See `RequestContext.providers`."""
		return [row["name"] for row in self.site.ledger.providers()]

	def see(self, doctype: str, name: str) -> None:
		"""Do nothing: every user of this site sees everything, and the ledger refuses what does not exist."""

	@property
	def signature(self) -> str:
		"""Return the e-mail address, else the system's user."""
		return self.email or getuser()

	def store_certificate(self, values: Data) -> str:
		"""Store a certificate, and return its name."""
		return self.site.ledger.store_certificate(values)

	def certificate(self, name: str) -> Mapping[str, Any]:
		"""Return the fields of a certificate. Raise `NotFound`."""
		return self.site.ledger.certificate(name)

	def companies(self) -> Sequence[str]:
		"""Return nothing: this host has no companies."""
		return ()

	def chart(self, company: str, currency: str) -> Sequence[str] | None:  # noqa: ARG002
		"""Return None: this host has no chart of accounts."""
		return None

	def once(self, key: tuple[str, ...], begin: Callable[[], str]) -> str:
		"""Return the address that `begin` gives, once per double click."""
		return self.clicks.open(key, begin)

	def end_double_click(self) -> None:
		"""Let the next click begin anew."""
		self.clicks.end(self.user)

	def store_outcome(self, outcome: Data) -> str:
		"""Store the outcome of a callback in the session, and return its key."""
		key = secrets.token_hex(8)
		self.session.outcomes[key] = outcome
		return key

	def take_outcome(self, key: str) -> Data | None:
		"""Return a stored outcome once."""
		return self.session.outcomes.pop(key, None)

	def step(self, stage: Stage, done: int, total: int | None) -> None:
		"""See `RequestContext.step`. The browser waits for the answer: no progress is published."""

	def progress(self, connection: str) -> Data | None:
		"""Return the last progress of a connection's run; None while none runs."""
		return self.jobs.running().get(connection)

	def outcome(self, connection: str) -> Data | None:  # noqa: ARG002 - each page asks for the updates of all
		"""Return None: the pages ask for the updates of all runs at once."""
		return None

	def runs_of(self, bank: str) -> Sequence[str]:
		"""Return the names of a bank's runs, the latest first."""
		ledger = self.site.ledger
		connections = [record.name for record in ledger.connections(bank)]
		accounts = [
			*ledger.bank_accounts(bank),
			*(one for one in ledger.closed_bank_accounts() if one.bank == bank),
		]
		return ledger.runs_about(connections, [record.name for record in accounts], RUNS_OF_BANK)

	@property
	def stalled(self) -> str:
		"""Return an empty text: the site runs its own jobs."""
		return ""

	def warnings(self) -> Sequence[str]:
		"""Return nothing: this host needs no set-up."""
		return ()

	def start(self, record: ConnectionRecord) -> None:
		"""Start a fetch of a connection in the background."""
		site, translations, context = self.site, self.translations, self.presence
		failed = runs.defect_data(translations, record)
		self.jobs.start(
			record.name,
			lambda publish: runs.run(site, translations, record, publish, context=context),
			failed,
		)

	def page(
		self, template: str, title: str, section: str, form: PageScripts | None = None, **values: object
	) -> Response:
		"""Return a page of the site; `section` is its path in the menu, `form` what its form scripts work on."""
		desk = form or PageScripts()
		given: dict[str, object] = {
			"parent": None,
			"notice": "",
			"notice_color": "",
			**values,
			**self._refusal(),
		}
		html = render(
			template,
			self.translations,
			title=title,
			section=section,
			csrf_token=self.session.csrf_token,
			page_data={**desk.data(), "csrf_token": self.session.csrf_token},
			scripts=[*scripts(self.translations.language, desk.doctype, desk.view), *desk.scripts],
			**given,
		)
		return Response(html, mimetype="text/html")

	def _refusal(self) -> dict[str, object]:
		"""Return what the form needs to show the error at its field; `entered` is what the user sent."""
		if self.refused is None:
			return {"wrong": {}, "entered": {}}
		text = self.translations.error(self.refused)
		wrong = {name: text for name in _NAMES.get(self.refused.field, (self.refused.field,)) if name}
		return {"notice": text, "notice_color": "red", "wrong": wrong, "entered": self.request.form}

	def go(self, path: str) -> Response:
		"""Redirect to another page, after a write or when a page has moved."""
		return redirect(path, 303)


PageHandler = Callable[..., Response]
"""Takes the call and the parts of its path."""
