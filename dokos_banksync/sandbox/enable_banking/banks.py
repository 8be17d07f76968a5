"""The banks as Enable Banking lists them, and what is odd about each one's interface.

The oddities were all reported from the field; here each belongs to one bank, so that it can be reproduced.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from dokos_banksync.sandbox.institutions import DEMO_BANK, Institution

DAY_SECONDS = 86400


class References(Enum):
	"""What a bank puts into `entry_reference`, which the document calls unique and immutable."""

	STABLE = "stable"
	ABSENT = "absent"
	POSITIONAL = "positional"
	"""The row's number within its day, newest first; null on the day of the booking. A late row shifts others."""
	VOLATILE = "volatile"
	"""New at every call."""


@dataclass(frozen=True)
class Quirks:
	"""How one bank's interface behaves.

		`first_hours`: how long after a consent the whole history is given, later it is 90 days. `signed`: amounts
		of debits bear a minus sign beside the indicator. `empty_pages`: every second page has no row. `pockets`:
		an account in another currency is shown under the main account's number. `blocked`: slots of accounts that
		are shown without `uid`. `balances`: the types given, booked and available ones. `second_first`: an account's second number
	comes first, so that another hash is its primary one.
	"""

	references: References = References.STABLE
	page_size: int = 100
	empty_pages: bool = False
	first_hours: float = 1.0
	balances: tuple[str, ...] = ("CLBD", "ITAV")
	balances_fail: bool = False
	signed: bool = False
	pending: bool = True
	pockets: bool = False
	blocked: tuple[str, ...] = ()
	consent_days: int = 180
	psu_headers: tuple[str, ...] = ()
	refuses_date_to: bool = False
	unattended_per_day: int = 4
	second_first: bool = False

	@classmethod
	def changed(cls, quirks: Quirks, values: dict[str, Any]) -> Quirks:
		"""Return quirks with other values, as JSON gives them. TypeError or ValueError for what makes no sense."""
		given = dict(values)
		if "references" in given:
			given["references"] = References(given["references"])
		return cls(
			**{**quirks.__dict__, **{k: tuple(v) if isinstance(v, list) else v for k, v in given.items()}}
		)


QUIRKS: dict[int, Quirks] = {
	DEMO_BANK: Quirks(pockets=True, blocked=("loan",)),
	601: Quirks(references=References.ABSENT, balances=("ITBD", "CLAV")),
	602: Quirks(references=References.POSITIONAL, signed=True, consent_days=90),
	603: Quirks(psu_headers=("Psu-Ip-Address", "Psu-User-Agent")),
	605: Quirks(references=References.VOLATILE, page_size=40, empty_pages=True),
	606: Quirks(balances_fail=True),
	607: Quirks(pending=False, refuses_date_to=True, balances=("XPCD",)),
}


def quirks_of(institution_id: int) -> Quirks:
	"""Return how the interface of a bank behaves."""
	return QUIRKS.get(institution_id, Quirks())


def listed(institutions: Iterable[Institution]) -> list[Institution]:
	"""Return the institutions that give account information."""
	return [one for one in institutions if "aggregation" in one.capabilities]


def psu_types(institution: Institution) -> list[str]:
	"""Return the kinds of users that a bank has logins for."""
	return [
		kind
		for segment, kind in (("b2c", "personal"), ("b2b", "business"))
		if segment in institution.segments
	]


def as_json(institution: Institution, quirks: Quirks, logo: str) -> dict[str, Any]:
	"""Return an `ASPSPData`."""
	approach = "DECOUPLED" if institution.sms_code else "REDIRECT"
	shown = {
		"name": institution.name, "country": institution.country, "logo": logo, "psu_types": psu_types(institution),
		"auth_methods": [
			{"name": f"{kind}_login", "title": "Online bank", "psu_type": kind, "approach": approach, "hidden_method": False, "credentials": []}
			for kind in psu_types(institution)
		],
		"maximum_consent_validity": quirks.consent_days * DAY_SECONDS, "beta": institution.beta, "payments": [],
		"bic": f"{institution.name[:4].upper()}{institution.country}PP", "group": None,
		"sandbox": {"users": [{"username": "success", "password": "any", "otp": "123456"}]},
	}  # fmt: skip
	if quirks.psu_headers:
		shown["required_psu_headers"] = list(quirks.psu_headers)
	return shown
