"""The user's visit: choice of the bank, login there, accounts to share."""

from __future__ import annotations

from dokos_banksync.sandbox.accounts import RealAccount
from dokos_banksync.sandbox.institutions import Institution
from dokos_banksync.sandbox.ponto.model import Journey
from dokos_banksync.sandbox.ponto.state import Ponto
from dokos_banksync.sandbox.visits.visit import ConsentPages, Offer, Visit, with_query


class BankConsentPages(ConsentPages):
	"""Ponto's onboarding pages, and those of a reauthorization, which keeps to its one account."""

	name = "ponto"

	def __init__(self, ponto: Ponto) -> None:
		self._ponto = ponto

	def find(self, visit_id: str) -> Visit | None:
		"""Return a visit that is open, or None."""
		journey = self._ponto.journeys.get(visit_id)
		if journey is None or journey.visit.step == "closed" or journey.visit.expires_at <= self._ponto.now():
			return None
		return journey.visit

	def banks(self, visit: Visit) -> list[Institution]:  # noqa: ARG002 - the same for all
		"""Return the banks that Ponto reads."""
		found = self._ponto.world.institutions.values()
		return [one for one in found if "aggregation" in one.capabilities]

	def authenticate(self, visit: Visit, login: str, password: str) -> None:  # noqa: ARG002 - any password does
		"""Take a login: "402" is refused (another one may follow), "fail" ends in an error, "otp" asks for a code."""
		institution = self._institution(visit)
		visit.login = login
		if institution.down or login == "fail":
			visit.step, visit.failure = "error", "The bank could not be read for a technical reason."
		elif login == "402":
			visit.failure = "The credentials are wrong."
		else:
			visit.step = "code" if institution.sms_code or login.startswith("otp") else "accounts"

	def offered(self, visit: Visit) -> list[Offer]:
		"""Return the accounts that can be shared."""
		return [
			Offer(one.key, one.facts.name, one.facts.iban or one.facts.currency, checked=True)
			for one in self._accounts(visit)
		]

	def share(self, visit: Visit, chosen: set[str]) -> str | None:
		"""Share the chosen accounts, and return the address to go back to."""
		journey, institution = self._journey(visit), self._institution(visit)
		organization = self._ponto.organization_of(visit.login)
		picked = [one for one in self._accounts(visit) if one.key in chosen]
		if journey.account is not None and self._ponto.settings.renews_siblings:
			picked = self._siblings(visit)
		added = [self._ponto.add_account(organization, institution, one) for one in picked]
		visit.step = "closed"
		if journey.account is not None:
			return visit.return_to
		self._ponto.share(organization, journey.application, added)
		journey.organization, journey.code = organization, self._ponto.new_secret()
		journey.code_expires_at = self._ponto.now() + self._ponto.settings.code_life
		back = {"code": journey.code, "scope": "offline_access ai", "state": journey.state}
		return with_query(visit.return_to, back)

	def fail_code(self, visit: Visit) -> None:
		"""Show that the code is wrong."""
		visit.step, visit.failure = "error", "This code is wrong."

	def close(self, visit: Visit, *, cancelled: bool) -> str:
		"""End the visit, and return the address to go back to."""
		visit.step = "closed"
		journey = self._journey(visit)
		error = "access_denied" if cancelled else "server_error"
		text = "The resource owner denied the request" if cancelled else "The bank does not answer"
		values = {"error": error, "error_description": text}
		return with_query(visit.return_to, {**values, "state": journey.state} if journey.state else values)

	def _siblings(self, visit: Visit) -> list[RealAccount]:
		"""The accounts of the organization that the same login sees."""
		known = [one.real for one in self._ponto.organization_of(visit.login).accounts.values()]
		return [one for one in self._ponto.offered(self._institution(visit), visit.login) if one in known]

	def _journey(self, visit: Visit) -> Journey:
		return self._ponto.journeys[visit.id]

	def _institution(self, visit: Visit) -> Institution:
		return self._ponto.world.institutions[visit.institution_id or 0]

	def _accounts(self, visit: Visit) -> list[RealAccount]:
		found = self._ponto.offered(self._institution(visit), visit.login)
		account = self._journey(visit).account
		return found if account is None else [one for one in found if one is account.real]
