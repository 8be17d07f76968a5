"""The user's consent: choice of the bank, login there, accounts to share."""

from __future__ import annotations

from dokos_banksync.sandbox.accounts import RealAccount
from dokos_banksync.sandbox.consent_pages.session import (
	ConsentFlow,
	ConsentSession,
	Offer,
	if_open,
	take_login,
	with_query,
)
from dokos_banksync.sandbox.institutions import Institution
from dokos_banksync.sandbox.ponto.model import AuthorizationFlow
from dokos_banksync.sandbox.ponto.state import Ponto


class BankConsentFlow(ConsentFlow):
	"""Ponto's onboarding pages, and those of a reauthorization, which keeps to its one account."""

	name = "ponto"

	def __init__(self, ponto: Ponto) -> None:
		self._ponto = ponto

	def find(self, consent_session_id: str) -> ConsentSession | None:
		"""Return a consent session that is open, or None."""
		flow = self._ponto.flows.get(consent_session_id)
		return if_open(flow.consent_session, self._ponto.now()) if flow else None

	def banks(self, consent_session: ConsentSession) -> list[Institution]:  # noqa: ARG002 - the same for all
		"""Return the banks that Ponto reads."""
		found = self._ponto.world.institutions.values()
		return [one for one in found if "aggregation" in one.capabilities]

	def authenticate(self, consent_session: ConsentSession, login: str, password: str) -> None:  # noqa: ARG002 - any password does
		"""Take a login; see `take_login`."""
		take_login(consent_session, login, self._institution(consent_session))

	def offered(self, consent_session: ConsentSession) -> list[Offer]:
		"""Return the accounts that can be shared."""
		return [
			Offer(one.key, one.facts.name, one.facts.iban or one.facts.currency, checked=True)
			for one in self._accounts(consent_session)
		]

	def share(self, consent_session: ConsentSession, chosen: set[str]) -> str | None:
		"""Share the chosen accounts, and return the address to go back to."""
		flow, institution = self._flow_of(consent_session), self._institution(consent_session)
		organization = self._ponto.organization_of(consent_session.login)
		picked = [one for one in self._accounts(consent_session) if one.key in chosen]
		if flow.account is not None and self._ponto.settings.renews_siblings:
			picked = self._siblings(consent_session)
		added = [self._ponto.add_account(organization, institution, one) for one in picked]
		consent_session.step = "closed"
		if flow.account is not None:
			return consent_session.return_to
		self._ponto.share(organization, flow.application, added)
		flow.organization, flow.code = organization, self._ponto.new_secret()
		flow.code_expires_at = self._ponto.now() + self._ponto.settings.code_life
		back = {"code": flow.code, "scope": "offline_access ai", "state": flow.state}
		return with_query(consent_session.return_to, back)

	def fail_code(self, consent_session: ConsentSession) -> None:
		"""Show that the code is wrong."""
		consent_session.step, consent_session.failure = "error", "This code is wrong."

	def close(self, consent_session: ConsentSession, *, cancelled: bool) -> str:
		"""End the consent session, and return the address to go back to."""
		consent_session.step = "closed"
		flow = self._flow_of(consent_session)
		error = "access_denied" if cancelled else "server_error"
		text = "The resource owner denied the request" if cancelled else "The bank does not answer"
		values = {"error": error, "error_description": text}
		return with_query(
			consent_session.return_to, {**values, "state": flow.state} if flow.state else values
		)

	def _siblings(self, consent_session: ConsentSession) -> list[RealAccount]:
		"""Return the accounts of the organization that the same login sees."""
		known = [one.real for one in self._ponto.organization_of(consent_session.login).accounts.values()]
		return [
			one
			for one in self._ponto.offered(self._institution(consent_session), consent_session.login)
			if one in known
		]

	def _flow_of(self, consent_session: ConsentSession) -> AuthorizationFlow:
		return self._ponto.flows[consent_session.id]

	def _institution(self, consent_session: ConsentSession) -> Institution:
		return self._ponto.world.institutions[consent_session.institution_id or 0]

	def _accounts(self, consent_session: ConsentSession) -> list[RealAccount]:
		found = self._ponto.offered(self._institution(consent_session), consent_session.login)
		account = self._flow_of(consent_session).account
		return found if account is None else [one for one in found if one is account.real]
