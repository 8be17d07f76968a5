"""What Enable Banking keeps: applications, authorizations, sessions and their accounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from dokos_banksync.sandbox.accounts import RealAccount
from dokos_banksync.sandbox.consent_pages.session import ConsentSession
from dokos_banksync.sandbox.institutions import Institution

APPLICATION_ID = "c0ffee00-1111-4222-8333-444455556666"
"""The id of the application that a sandbox starts with."""


@dataclass
class Application:
	"""A registered application. `linked` are the account numbers it may read in restricted mode, None for all."""

	id: str
	key: RSAPublicKey
	redirect_urls: tuple[str, ...]
	name: str = "Sandbox application"
	environment: str = "SANDBOX"
	active: bool = True
	linked: frozenset[str] | None = None


@dataclass
class Authorization:
	"""A consent under way. `code` is given once, and works once, for `code_expires_at`."""

	id: str
	application: Application
	institution: Institution
	psu_type: str
	psu_id_hash: str
	state: str
	access: dict[str, Any]
	valid_until: datetime
	consent_session: ConsentSession
	code: str = ""
	code_expires_at: datetime | None = None
	used: bool = False
	shared: list[RealAccount] = field(default_factory=list)


@dataclass
class Account:
	"""An account of one session. `uid` is empty where no data can be fetched. `other_hash` is that of a second number."""

	uid: str
	real: RealAccount
	identification: dict[str, str]
	identification_hash: str
	other_hash: str = ""

	@property
	def identification_hashes(self) -> list[str]:
		"""Return the hashes of all numbers, the primary one first."""
		return [one for one in (self.identification_hash, self.other_hash) if one]


@dataclass
class Session:
	"""A consent that was given. `status` is one of `SessionStatus`."""

	id: str
	authorization: Authorization
	created: datetime
	status: str = "AUTHORIZED"
	closed: datetime | None = None
	accounts: list[Account] = field(default_factory=list)

	@property
	def institution(self) -> Institution:
		"""Return the bank of the consent."""
		return self.authorization.institution

	def status_at(self, now: datetime) -> str:
		"""Return the status; a session ends by itself at `valid_until`."""
		if self.status == "AUTHORIZED" and self.authorization.valid_until <= now:
			return "EXPIRED"
		return self.status
