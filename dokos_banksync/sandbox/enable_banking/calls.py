"""One call on its way through the checks, and what its handler may ask of it."""

from __future__ import annotations

import ipaddress
import re
import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from werkzeug.wrappers import Request

from dokos_banksync.sandbox.enable_banking.banks import Quirks
from dokos_banksync.sandbox.enable_banking.errors import ApiError
from dokos_banksync.sandbox.enable_banking.model import Account, Application, Session
from dokos_banksync.sandbox.enable_banking.state import EnableBanking

PSU_HEADERS = (
	"Psu-Ip-Address", "Psu-User-Agent", "Psu-Referer", "Psu-Accept", "Psu-Accept-Charset", "Psu-Accept-Encoding",
	"Psu-Accept-Language", "Psu-Geo-Location",
)  # fmt: skip
_PLACE = re.compile(r"-?\d{1,2}\.\d{1,6},-?\d{1,3}\.\d{1,6}")
_ENDED = {"EXPIRED": "EXPIRED_SESSION", "CLOSED": "CLOSED_SESSION", "REVOKED": "REVOKED_SESSION"}


@dataclass
class Call:
	"""A call whose application is known."""

	request: Request
	face: EnableBanking
	application: Application

	@property
	def body(self) -> dict[str, Any]:
		"""Return the JSON object that was sent."""
		body = self.request.get_json(silent=True)
		if not isinstance(body, dict):
			raise ApiError("WRONG_REQUEST_PARAMETERS", "The body is not a JSON object")
		return body

	def day(self, name: str) -> date | None:
		"""Return a date of the query; None for none, ApiError for what is not a date."""
		text = self.request.args.get(name)
		try:
			return date.fromisoformat(text) if text is not None else None
		except ValueError:
			raise ApiError("WRONG_REQUEST_PARAMETERS", f"{name} is not a date") from None

	def session(self, session_id: str) -> Session:
		"""Return a session of this application."""
		session = self.face.sessions.get(session_id)
		if session is None or session.authorization.application is not self.application:
			raise ApiError("SESSION_DOES_NOT_EXIST")
		return session

	def account(self, uid: str, scope: str) -> tuple[Session, Account, Quirks]:
		"""Return an account whose data may be read now: session, access, the user's presence, the bank's quota."""
		if not _is_uuid(uid):
			raise ApiError("WRONG_REQUEST_PARAMETERS", "account_id is not a UUID")
		session, account = self.face.find_account(self.application, uid)
		status = session.status_at(self.face.now())
		if status != "AUTHORIZED":
			raise ApiError(_ENDED.get(status, "WRONG_SESSION_STATUS"))
		if session.authorization.access.get(scope) is False:
			raise ApiError("ACCESS_DENIED", f"The consent does not include {scope}")
		quirks = self.face.quirks_of(session.institution.id)
		self._reach(session, account, scope, quirks)
		return session, account, quirks

	def _reach(self, session: Session, account: Account, scope: str, quirks: Quirks) -> None:
		"""Reach the bank, for the user or within its quota; a following page is part of its call."""
		present = self.user_is_present(quirks)
		if session.institution.down:
			raise ApiError("ASPSP_ERROR", "The bank does not answer")
		if present or self.request.args.get("continuation_key"):
			return
		if session.institution.needs_user_present:
			raise ApiError("ASPSP_PSU_ACTION_REQUIRED")
		if not self.face.quota.take(account.real.key, scope, quirks.unattended_per_day, self.face.now()):
			raise ApiError("ASPSP_RATE_LIMIT_EXCEEDED")

	def user_is_present(self, quirks: Quirks) -> bool:
		"""Return whether PSU headers tell so. All that the bank requires are there, or none at all."""
		given = [name for name in PSU_HEADERS if self.request.headers.get(name)]
		if not given:
			return False
		for name in quirks.psu_headers:
			if name not in given:
				raise ApiError("PSU_HEADER_NOT_PROVIDED", f"PSU header {name} is not provided")
		self._check_psu_values()
		return True

	def _check_psu_values(self) -> None:
		place = self.request.headers.get("Psu-Geo-Location")
		if place and not _PLACE.fullmatch(place):
			raise ApiError("PSU_HEADER_INVALID", "Psu-Geo-Location")
		try:
			ipaddress.ip_address(self.request.headers.get("Psu-Ip-Address", "192.0.2.1"))
		except ValueError:
			raise ApiError("PSU_HEADER_INVALID", "Psu-Ip-Address") from None


def _is_uuid(text: str) -> bool:
	try:
		uuid.UUID(text)
	except ValueError:
		return False
	return True
