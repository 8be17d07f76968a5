"""One user's session on a provider's hosted pages."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode, urlsplit, urlunsplit

from dokos_banksync.sandbox.institutions import Institution

WORKING_CODE = "123456"
MAX_WRONG_CODES = 3


@dataclass
class ConsentSession:
	"""Where the user stands. `step` names the page: banks, login, code, accounts, more, error or closed.

	`fixed` keeps the institution (a login is renewed). `return_to` is where the browser goes at the end, "" for
	a last page of the provider's own.
	"""

	id: str
	expires_at: datetime
	return_to: str = ""
	step: str = "banks"
	institution_id: int | None = None
	fixed: bool = False
	login: str = ""
	alert: str = ""
	failure: str = ""
	wrong_codes: int = 0


def if_open(session: ConsentSession, now: datetime) -> ConsentSession | None:
	"""Return a consent session, None once it is closed or expired."""
	return None if session.step == "closed" or session.expires_at <= now else session


def take_login(session: ConsentSession, login: str, bank: Institution) -> None:
	"""Move a session on after a login: "fail", or a bank that is down, ends in an error; "402" is refused, and another one
	may follow; "otp" asks for a code.
	"""
	session.login = login
	if bank.down or login == "fail":
		session.step, session.failure = "error", "The bank could not be read for a technical reason."
	elif login == "402":
		session.failure = "The credentials are wrong."
	else:
		session.step = "code" if bank.sms_code or login.startswith("otp") else "accounts"


@dataclass(frozen=True)
class Offer:
	"""An account on the page where accounts are shared."""

	id: str
	name: str
	detail: str
	checked: bool


class ConsentFlow(ABC):
	"""What a provider decides about its consent sessions. Every method runs with the provider's lock held.

	Methods that end a consent session return the address for the browser, "" for a last page.
	"""

	name: str

	@abstractmethod
	def find(self, consent_session_id: str) -> ConsentSession | None:
		"""Return an open consent session, None when it is unknown, over or too old."""

	@abstractmethod
	def banks(self, consent_session: ConsentSession) -> list[Institution]:
		"""Return the institutions to choose from."""

	@abstractmethod
	def authenticate(self, consent_session: ConsentSession, login: str, password: str) -> None:
		"""Check credentials: set `step` to "code", "accounts" or "error" (with `failure`), or `alert` to ask again."""

	@abstractmethod
	def offered(self, consent_session: ConsentSession) -> list[Offer]:
		"""Return the accounts that the login sees."""

	@abstractmethod
	def share(self, consent_session: ConsentSession, chosen: set[str]) -> str | None:
		"""Share accounts and end the consent session; None when another page follows."""

	@abstractmethod
	def fail_code(self, consent_session: ConsentSession) -> None:
		"""Note that no right code was given: set `step` to "error" with a `failure`."""

	@abstractmethod
	def close(self, consent_session: ConsentSession, *, cancelled: bool) -> str:
		"""End a consent session that shares nothing more."""

	def choose(self, consent_session: ConsentSession, institution_id: int) -> None:
		"""Pick an institution. KeyError for one that is not offered."""
		if consent_session.fixed:
			return
		if institution_id not in {one.id for one in self.banks(consent_session)}:
			raise KeyError(institution_id)
		consent_session.institution_id, consent_session.step = institution_id, "login"

	def enter_code(self, consent_session: ConsentSession, code: str) -> None:
		"""Check the code of a text message: one works, three wrong ones end the consent session."""
		if code.strip() == WORKING_CODE:
			consent_session.alert, consent_session.step = "", "accounts"
			return
		consent_session.wrong_codes += 1
		consent_session.alert = "This code is wrong."
		if consent_session.wrong_codes >= MAX_WRONG_CODES:
			self.fail_code(consent_session)


def with_query(address: str, values: dict[str, str]) -> str:
	"""Return an address with parameters added to those it has."""
	if not address:
		return ""
	parts = urlsplit(address)
	query = "&".join(part for part in (parts.query, urlencode(values)) if part)
	return urlunsplit(parts._replace(query=query))
