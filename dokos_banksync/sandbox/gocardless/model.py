"""What GoCardless keeps: agreements, requisitions and accounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from dokos_banksync.sandbox.accounts import RealAccount
from dokos_banksync.sandbox.consent_pages.session import ConsentSession
from dokos_banksync.sandbox.institutions import Institution

SECRET_ID = "gocardless-id"  # noqa: S105 - the published key of a sandbox provider
SECRET_KEY = "gocardless-key"  # noqa: S105 - the published key of a sandbox provider

Row = dict[str, Any]


class Ids(Enum):
	"""What `transactionId` and `internalTransactionId` of a bank are like."""

	STABLE = "stable"
	ABSENT = "absent"
	VOLATILE = "volatile"


@dataclass
class Agreement:
	"""An end user agreement. `accepted` is when the user consented."""

	id: str
	institution: Institution
	historical_days: int
	valid_days: int
	scope: list[str]
	created: datetime
	accepted: datetime | None = None

	@property
	def ends(self) -> datetime | None:
		"""Return when the access ends."""
		return self.accepted + timedelta(days=self.valid_days) if self.accepted else None


@dataclass
class Account:
	"""An account of one requisition: a renewed consent has other ids. `failures` in a row suspend it."""

	id: str
	real: RealAccount
	agreement: Agreement
	created: datetime
	status: str = "READY"
	failures: int = 0


@dataclass
class Requisition:
	"""A consent session to a bank, and afterwards the consent."""

	id: str
	agreement: Agreement
	redirect: str
	reference: str
	created: datetime
	consent_session: ConsentSession
	status: str = "CR"
	language: str = "EN"
	accounts: list[Account] = field(default_factory=list)


@dataclass
class Settings:
	"""How the banks behave. `daily` readings are allowed of each account and scope."""

	daily: int = 4
	ids: Ids = Ids.STABLE
	history_days: int = 730
	consent_days: int = 180
	pending_ids: bool = False
	token_seconds: int = 86400
	suspend_after: int = 10
