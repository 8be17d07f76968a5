"""The pages that stand for GoCardless's own and the bank's."""

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
from dokos_banksync.sandbox.gocardless.model import Requisition
from dokos_banksync.sandbox.gocardless.state import KINDS, GoCardless
from dokos_banksync.sandbox.institutions import Institution


class BankConsentFlow(ConsentFlow):
	"""One requisition's consent session. Logins: "402" is refused, "fail" ends in the bank's error, "otp" asks for a code."""

	name = "gocardless"

	def __init__(self, state: GoCardless) -> None:
		self._state = state

	def find(self, consent_session_id: str) -> ConsentSession | None:
		"""Return a consent session that is open, or None."""
		found = self._state.requisitions.get(consent_session_id)
		return if_open(found.consent_session, self._state.now()) if found else None

	def banks(self, consent_session: ConsentSession) -> list[Institution]:
		"""Return the one bank of the requisition."""
		return [self._of(consent_session).agreement.institution]

	def authenticate(self, consent_session: ConsentSession, login: str, password: str) -> None:  # noqa: ARG002 - any password does
		"""Take a login; see `take_login`."""
		requisition = self._of(consent_session)
		requisition.status = "UA"
		take_login(consent_session, login, requisition.agreement.institution)

	def offered(self, consent_session: ConsentSession) -> list[Offer]:
		"""Return the accounts that can be shared."""
		return [
			Offer(one.key, one.facts.name, one.facts.iban or "", checked=True)
			for one in self._accounts(consent_session)
		]

	def share(self, consent_session: ConsentSession, chosen: set[str]) -> str | None:
		"""Share the chosen accounts, and return the address to go back to."""
		self._state.share(self._of(consent_session), consent_session.login, chosen)
		return self._back(consent_session)

	def fail_code(self, consent_session: ConsentSession) -> None:
		"""Show that the code is wrong."""
		consent_session.step, consent_session.failure = "error", "This code is wrong."

	def close(self, consent_session: ConsentSession, *, cancelled: bool) -> str:
		"""End the consent session, and return the address to go back to."""
		self._of(consent_session).status = "RJ"
		if cancelled:
			return self._back(
				consent_session, error="UserCancelledSession", details="User cancelled the session"
			)
		return self._back(
			consent_session, error="InstitutionError", details="The institution reported an error"
		)

	def _back(self, consent_session: ConsentSession, **values: str) -> str:
		consent_session.step = "closed"
		return with_query(consent_session.return_to, {"ref": self._of(consent_session).reference, **values})

	def _of(self, consent_session: ConsentSession) -> Requisition:
		return self._state.requisitions[consent_session.id]

	def _accounts(self, consent_session: ConsentSession) -> list[RealAccount]:
		found = self._state.world.accounts(
			self._of(consent_session).agreement.institution.id, consent_session.login
		)
		return [one for one in found if one.facts.kind in KINDS]
