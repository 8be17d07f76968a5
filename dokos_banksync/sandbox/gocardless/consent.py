"""The pages that stand for GoCardless's own and the bank's."""

from __future__ import annotations

from dokos_banksync.sandbox.accounts import RealAccount
from dokos_banksync.sandbox.gocardless.model import Requisition
from dokos_banksync.sandbox.gocardless.state import KINDS, GoCardless
from dokos_banksync.sandbox.institutions import Institution
from dokos_banksync.sandbox.visits.visit import ConsentPages, Offer, Visit, with_query


class BankConsentPages(ConsentPages):
	"""One requisition's visit. Logins: "402" is refused, "fail" ends in the bank's error, "otp" asks for a code."""

	name = "gocardless"

	def __init__(self, state: GoCardless) -> None:
		self._state = state

	def find(self, visit_id: str) -> Visit | None:
		"""Return a visit that is open, or None."""
		found = self._state.requisitions.get(visit_id)
		if found is None or found.visit.step == "closed" or found.visit.expires_at <= self._state.now():
			return None
		return found.visit

	def banks(self, visit: Visit) -> list[Institution]:
		"""Return the one bank of the requisition."""
		return [self._of(visit).agreement.institution]

	def authenticate(self, visit: Visit, login: str, password: str) -> None:  # noqa: ARG002 - any password does
		"""Take a login."""
		requisition = self._of(visit)
		visit.login, requisition.status = login, "UA"
		if requisition.agreement.institution.down or login == "fail":
			visit.step, visit.failure = "error", "The bank could not be read for a technical reason."
		elif login == "402":
			visit.failure = "The credentials are wrong."
		else:
			code = requisition.agreement.institution.sms_code or login.startswith("otp")
			visit.step = "code" if code else "accounts"

	def offered(self, visit: Visit) -> list[Offer]:
		"""Return the accounts that can be shared."""
		return [
			Offer(one.key, one.facts.name, one.facts.iban or "", checked=True)
			for one in self._accounts(visit)
		]

	def share(self, visit: Visit, chosen: set[str]) -> str | None:
		"""Share the chosen accounts, and return the address to go back to."""
		self._state.share(self._of(visit), visit.login, chosen)
		return self._back(visit)

	def fail_code(self, visit: Visit) -> None:
		"""Show that the code is wrong."""
		visit.step, visit.failure = "error", "This code is wrong."

	def close(self, visit: Visit, *, cancelled: bool) -> str:
		"""End the visit, and return the address to go back to."""
		self._of(visit).status = "RJ"
		if cancelled:
			return self._back(visit, error="UserCancelledSession", details="User cancelled the session")
		return self._back(visit, error="InstitutionError", details="The institution reported an error")

	def _back(self, visit: Visit, **values: str) -> str:
		visit.step = "closed"
		return with_query(visit.return_to, {"ref": self._of(visit).reference, **values})

	def _of(self, visit: Visit) -> Requisition:
		return self._state.requisitions[visit.id]

	def _accounts(self, visit: Visit) -> list[RealAccount]:
		found = self._state.world.accounts(self._of(visit).agreement.institution.id, visit.login)
		return [one for one in found if one.facts.kind in KINDS]
