"""`/auth`, the user's consent on the bank's page, and `/sessions`."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from dokos_banksync.sandbox.accounts import RealAccount
from dokos_banksync.sandbox.clock import iso
from dokos_banksync.sandbox.consent_pages.session import (
	ConsentFlow,
	ConsentSession,
	Offer,
	if_open,
	take_login,
	with_query,
)
from dokos_banksync.sandbox.enable_banking import rows
from dokos_banksync.sandbox.enable_banking.banks import DAY_SECONDS, listed, psu_types
from dokos_banksync.sandbox.enable_banking.calls import Call
from dokos_banksync.sandbox.enable_banking.errors import ApiError
from dokos_banksync.sandbox.enable_banking.model import Authorization, Session
from dokos_banksync.sandbox.enable_banking.rows import Row
from dokos_banksync.sandbox.enable_banking.state import EnableBanking
from dokos_banksync.sandbox.institutions import Institution

SESSION_LIFE = timedelta(minutes=30)
CODE_LIFE = timedelta(minutes=5)
_NEEDED = ("access", "aspsp", "state", "redirect_url")


def start_authorization(call: Call) -> Row:
	"""Answer a `StartAuthorizationResponse` for a consent that may be asked for."""
	body = call.body
	for name in _NEEDED:
		if not body.get(name):
			raise ApiError("WRONG_REQUEST_PARAMETERS", f"{name} is required")
	if not call.application.active:
		raise ApiError("NO_ACCOUNTS_ADDED")
	if body["redirect_url"] not in call.application.redirect_urls:
		raise ApiError("REDIRECT_URI_NOT_ALLOWED")
	if body.get("credentials") and not body.get("auth_method"):
		raise ApiError("WRONG_REQUEST_PARAMETERS", "credentials need an auth_method")
	institution = _institution(call, body["aspsp"])
	authorization = _authorization(call, body, institution)
	call.face.authorizations[authorization.id] = authorization
	url = f"{call.request.host_url}connect/enable_banking/{authorization.id}"
	return {"url": url, "authorization_id": authorization.id, "psu_id_hash": authorization.psu_id_hash}


def _authorization(call: Call, body: dict[str, Any], institution: Institution) -> Authorization:
	psu_type = body.get("psu_type") or psu_types(institution)[0]
	if psu_type not in psu_types(institution):
		raise ApiError("WRONG_REQUEST_PARAMETERS", "psu_type is not supported by the ASPSP")
	now, authorization_id = call.face.now(), call.face.new_uuid()
	consent_session = ConsentSession(
		authorization_id,
		now + SESSION_LIFE,
		return_to=body["redirect_url"],
		step="login",
		institution_id=institution.id,
		fixed=True,
	)
	psu = f"{call.application.id}|{body.get('psu_id') or call.face.new_uuid()}"
	return Authorization(
		authorization_id, call.application, institution=institution, psu_type=psu_type, psu_id_hash=hashlib.sha256(psu.encode()).hexdigest(),
		state=str(body["state"]), access=body["access"], valid_until=_valid_until(call, body["access"], institution), consent_session=consent_session,
	)  # fmt: skip


def _institution(call: Call, aspsp: Any) -> Institution:
	for institution in listed(call.face.world.institutions.values()):
		if aspsp == {"name": institution.name, "country": institution.country}:
			return institution
	raise ApiError("WRONG_ASPSP_PROVIDED")


def _valid_until(call: Call, access: Any, institution: Institution) -> datetime:
	"""The end that was asked for: with a zone, and no later than the bank allows."""
	try:
		until = datetime.fromisoformat(str(access["valid_until"]).replace("Z", "+00:00"))
	except (KeyError, TypeError, ValueError):
		raise ApiError("WRONG_REQUEST_PARAMETERS", "access.valid_until is not a date-time") from None
	if until.tzinfo is None:
		raise ApiError("WRONG_REQUEST_PARAMETERS", "access.valid_until needs a timezone offset")
	longest = timedelta(seconds=call.face.quirks_of(institution.id).consent_days * DAY_SECONDS)
	if not call.face.now() < until <= call.face.now() + longest:
		raise ApiError("WRONG_REQUEST_PARAMETERS", "access.valid_until is out of range")
	return until


def authorize_session(call: Call) -> Row:
	"""Answer an `AuthorizeSessionResponse` for a code that works."""
	code = str(call.body.get("code") or "")
	found = [one for one in call.face.authorizations.values() if code and one.code == code]
	if not found or found[0].application is not call.application:
		raise ApiError("WRONG_AUTHORIZATION_CODE")
	authorization = found[0]
	if authorization.used:
		raise ApiError("ALREADY_AUTHORIZED")
	if authorization.code_expires_at is None or authorization.code_expires_at <= call.face.now():
		raise ApiError("EXPIRED_AUTHORIZATION_CODE")
	authorization.used = True
	session = call.face.open_session(authorization)
	accounts = [rows.resource(one, "SARL EXEMPLE") for one in session.accounts]
	return {"session_id": session.id, "accounts": accounts, **_about(session)}


def get_session(call: Call, session_id: str) -> Row:
	"""Answer a `GetSessionResponse`. Accounts without `uid` are not in it."""
	session = call.session(session_id)
	usable = [one for one in session.accounts if one.uid]
	data = [
		{
			"uid": one.uid,
			"identification_hash": one.identification_hash,
			"identification_hashes": one.identification_hashes,
		}
		for one in usable
	]
	return {
		"status": session.status_at(call.face.now()), "accounts": [one.uid for one in usable], "accounts_data": data,
		"psu_id_hash": session.authorization.psu_id_hash, "created": iso(session.created),
		"authorized": iso(session.created), "closed": iso(session.closed) if session.closed else None, **_about(session),
	}  # fmt: skip


def delete_session(call: Call, session_id: str) -> Row:
	"""Answer a `SuccessResponse` and close the session."""
	session = call.session(session_id)
	if session.status_at(call.face.now()) != "AUTHORIZED":
		raise ApiError("CLOSED_SESSION" if session.status == "CLOSED" else "WRONG_SESSION_STATUS")
	call.face.end(session, "CLOSED")
	return {"message": "OK"}


def _about(session: Session) -> Row:
	institution, authorization = session.institution, session.authorization
	access = {**authorization.access, "valid_until": iso(authorization.valid_until)}
	aspsp = {"name": institution.name, "country": institution.country}
	return {"aspsp": aspsp, "psu_type": authorization.psu_type, "access": access}


class BankConsentFlow(ConsentFlow):
	"""The pages that stand for a bank's own. Logins: see `authenticate`."""

	name = "enable_banking"

	def __init__(self, face: EnableBanking) -> None:
		self._face = face

	def find(self, consent_session_id: str) -> ConsentSession | None:
		"""Return a consent session that is open, or None."""
		authorization = self._face.authorizations.get(consent_session_id)
		return if_open(authorization.consent_session, self._face.now()) if authorization else None

	def banks(self, consent_session: ConsentSession) -> list[Institution]:
		"""Return the one bank of the authorization."""
		return [self._face.authorizations[consent_session.id].institution]

	def authenticate(self, consent_session: ConsentSession, login: str, password: str) -> None:  # noqa: ARG002 - any password does
		"""Take a login; see `take_login`."""
		take_login(consent_session, login, self._face.authorizations[consent_session.id].institution)

	def offered(self, consent_session: ConsentSession) -> list[Offer]:
		"""Return the accounts that can be shared."""
		return [self._offer(one) for one in self._accounts(consent_session)]

	def share(self, consent_session: ConsentSession, chosen: set[str]) -> str | None:
		"""Share the chosen accounts, and return the address to go back to."""
		authorization = self._face.authorizations[consent_session.id]
		authorization.shared = [one for one in self._accounts(consent_session) if one.key in chosen]
		authorization.code = self._face.new_uuid()
		authorization.code_expires_at = self._face.now() + CODE_LIFE
		return self._back(consent_session, code=authorization.code)

	def fail_code(self, consent_session: ConsentSession) -> None:
		"""Show that the code is wrong."""
		consent_session.step, consent_session.failure = "error", "This code is wrong."

	def close(self, consent_session: ConsentSession, *, cancelled: bool) -> str:
		"""End the consent session, and return the address to go back to."""
		if cancelled:
			return self._back(
				consent_session, error="access_denied", error_description="User cancelled the authorization"
			)
		return self._back(
			consent_session, error="server_error", error_description="Error interacting with ASPSP"
		)

	def _back(self, consent_session: ConsentSession, **values: str) -> str:
		consent_session.step = "closed"
		return with_query(
			consent_session.return_to,
			{"state": self._face.authorizations[consent_session.id].state, **values},
		)

	def _accounts(self, consent_session: ConsentSession) -> list[RealAccount]:
		return self._face.offered(self._face.authorizations[consent_session.id], consent_session.login)

	def _offer(self, real: RealAccount) -> Offer:
		money = f"{self._face.world.balance(real)} {real.facts.currency}"
		return Offer(
			real.key, real.facts.name, " ".join(filter(None, (real.facts.iban, money))), checked=True
		)
