"""What happens in Hosted Link: https://plaid.com/docs/link/hosted-link/

Test logins as documented: https://plaid.com/docs/sandbox/test-credentials/ (password "error_<CODE>" fails so).
"""

from __future__ import annotations

from dokos_banksync.sandbox.consent_pages.session import ConsentFlow, ConsentSession, Offer
from dokos_banksync.sandbox.institutions import Institution
from dokos_banksync.sandbox.plaid.errors import KINDS, PlaidError
from dokos_banksync.sandbox.plaid.link import hand_out
from dokos_banksync.sandbox.plaid.model import Item, LinkSession
from dokos_banksync.sandbox.plaid.state import Plaid

_STATUS = {
	"banks": "requires_credentials",
	"login": "requires_credentials",
	"code": "requires_code",
	"accounts": "requires_account_selection",
}


class HostedLink(ConsentFlow):
	"""Link sessions as pages. The browser's return carries no token and no result."""

	name = "plaid"

	def __init__(self, plaid: Plaid) -> None:
		self.plaid = plaid

	def find(self, consent_session_id: str) -> LinkSession | None:
		"""Return an open session of Hosted Link, and note that it was opened."""
		consent_session = next(
			(one for one in self.plaid.consent_sessions.values() if one.id == consent_session_id), None
		)
		if (
			consent_session is None
			or not consent_session.hosted
			or consent_session.finished_at
			or consent_session.expires_at <= self.plaid.now()
		):
			return None
		consent_session.started_at = consent_session.started_at or self.plaid.now()
		return consent_session

	def banks(self, consent_session: ConsentSession) -> list[Institution]:
		"""Return the banks of the countries asked for."""
		countries = _link(consent_session).request["country_codes"]
		return [one for one in self.plaid.institutions() if one.country in countries]

	def authenticate(self, consent_session: ConsentSession, login: str, password: str) -> None:
		"""Check a login; the password "error_<CODE>" fails with that code."""
		consent_session.login = login
		code = password.removeprefix("error_")
		if password.startswith("error_") and code in KINDS:
			self._fail(_link(consent_session), PlaidError(code))
		elif self._institution(consent_session).down:
			self._fail(_link(consent_session), PlaidError("INSTITUTION_NOT_RESPONDING"))
		else:
			consent_session.step = "code" if self._institution(consent_session).sms_code else "accounts"

	def fail_code(self, consent_session: ConsentSession) -> None:
		"""End the login for want of the right code."""
		self._fail(_link(consent_session), PlaidError("INVALID_MFA"))

	def offered(self, consent_session: ConsentSession) -> list[Offer]:
		"""Return the accounts to choose from; in update mode without a choice, those shared already."""
		item = _link(consent_session).item
		shared = {one.real.key for one in item.visible()} if item else None
		real = self.plaid.world.accounts(self._institution(consent_session).id, consent_session.login)
		if item is not None and not self._selects(consent_session):
			real = [one for one in real if shared is not None and one.key in shared]
		return [
			Offer(one.key, one.facts.name, one.facts.currency, shared is None or one.key in shared)
			for one in real
		]

	def share(self, consent_session: ConsentSession, chosen: set[str]) -> str | None:
		"""Add or renew the item with the chosen accounts."""
		session = _link(consent_session)
		item = session.item or self._new_item(session)
		item.login = session.login
		for account in self.plaid.discover(item):
			if session.item is None or self._selects(consent_session):
				account.shared = account.real.key in chosen
			item.known.add(account.real.key)
		self._renew(item)
		session.results.append(hand_out(self.plaid, item))
		self._send_item_add_result(session)
		if session.many and not session.fixed:
			session.step, session.institution_id, session.login = "more", None, ""
			return None
		return self.close(consent_session, cancelled=False)

	def close(self, consent_session: ConsentSession, *, cancelled: bool) -> str:
		"""End the session and tell its webhook."""
		session = _link(consent_session)
		session.exit_status = _STATUS.get(session.step, "")
		session.finished_at = self.plaid.now()
		session.step = "closed"
		webhook = session.request.get("webhook")
		if webhook:
			tokens = [one.public_token for one in session.results]
			values: dict[str, object] = (
				{"public_token": tokens[-1], "public_tokens": tokens} if tokens else {}
			)
			if user_id := session.request.get("user_id"):
				values["user_id"] = user_id
			self.plaid.post(
				webhook,
				"LINK",
				"SESSION_FINISHED",
				status="SUCCESS" if tokens and not cancelled else "EXITED",
				link_session_id=session.session_id,
				link_token=session.link_token,
				**values,
			)
		return session.return_to

	def _fail(self, session: LinkSession, error: PlaidError) -> None:
		session.exit_error = error
		session.failure = error.kind.display or error.message
		session.step = "login" if error.code == "INVALID_CREDENTIALS" else "error"

	def _institution(self, consent_session: ConsentSession) -> Institution:
		return next(one for one in self.plaid.institutions() if one.id == consent_session.institution_id)

	def _selects(self, consent_session: ConsentSession) -> bool:
		return bool((_link(consent_session).request.get("update") or {}).get("account_selection_enabled"))

	def _new_item(self, session: LinkSession) -> Item:
		days = session.request.get("transactions", {}).get("days_requested", 90)
		item = Item(
			id=self.plaid.new_id(),
			access_token=self.plaid.new_token("access"),
			client=session.client,
			institution=self._institution(session),
			login=session.login,
			created_at=self.plaid.now(),
			webhook=session.request.get("webhook"),
			days_requested=days,
			products=tuple(session.request["products"]),
		)
		session.client.items[item.id] = item
		return item

	def _renew(self, item: Item) -> None:
		"""A login in Link clears the item's error and starts the consent anew. Update mode sends no LOGIN_REPAIRED."""
		item.error, item.warned = None, False
		if item.european:
			item.consent_expires_at = self.plaid.now() + self.plaid.settings.consent_life
		self.plaid.update(item)

	def _send_item_add_result(self, session: LinkSession) -> None:
		webhook = session.request.get("webhook")
		if webhook:
			self.plaid.post(
				webhook,
				"LINK",
				"ITEM_ADD_RESULT",
				link_session_id=session.session_id,
				link_token=session.link_token,
				public_token=session.results[-1].public_token,
			)


def _link(consent_session: ConsentSession) -> LinkSession:
	assert isinstance(consent_session, LinkSession)  # noqa: S101 - `find` makes no others
	return consent_session
