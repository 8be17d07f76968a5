"""How a login or a refresh ends: the item's status codes and the documented test logins.

https://docs.bridgeapi.io/docs/items-status, https://docs.bridgeapi.io/docs/test-the-bridge-connect
"""

from __future__ import annotations

import re
from dataclasses import dataclass

NEEDS_USER = frozenset({402, 429, 430, 1005, 1010, 1100})
"""Statuses that only a new Connect session ends."""
NOT_FETCHED = NEEDS_USER | {1007, 1099}
"""Statuses in which the scheduler does not fetch."""

_INFOS = {
	402: "invalid_creds", 429: "tos_to_validate", 430: "password_expired", 1003: "cnt_crash",
	1005: "otp_not_supported", 1007: "disabled", 1009: "incomplete", 1010: "otp_required", 1099: "migration",
}  # fmt: skip
_DESCRIPTIONS = {
	-2: ("The bank was added, the first fetch is under way.", "La banque vient d'être ajoutée, la première récupération est en cours."),
	-3: ("The credentials were changed, a fetch is under way.", "Les identifiants ont été modifiés, une récupération est en cours."),
	402: ("The credentials are wrong.", "Les identifiants sont incorrects."),
	429: ("Something is to be done on the bank's own site.", "Une action est nécessaire sur le site de la banque."),
	430: ("The password must be changed at the bank.", "Le mot de passe doit être changé auprès de la banque."),
	1003: ("The bank could not be read for a technical reason.", "La banque n'a pas pu être lue pour une raison technique."),
	1005: ("This account or its way of logging in is not supported.", "Ce compte ou son mode d'authentification n'est pas pris en charge."),
	1007: ("Fetching is switched off for a while.", "La récupération est temporairement désactivée."),
	1009: ("The balance moved without a new transaction.", "Le solde a changé sans nouvelle opération."),
	1010: ("A strong authentication is needed.", "Une authentification forte est nécessaire."),
	1099: ("The connection is moving to another provider.", "La connexion change de fournisseur."),
}  # fmt: skip
_CODED = re.compile(r"(-?\d+)(?:_(\w+))?")


@dataclass(frozen=True)
class Outcome:
	"""What a test login asks for. `asks` is "", "code" or "app" when the user is asked for more first."""

	status: int = 0
	info: str = "ok"
	asks: str = ""
	code_works: bool = True


def read_login(login: str, sms_code: bool) -> tuple[Outcome, list[str]]:
	"""Return the outcome of this login and the words for the refreshes after it. Words are parted by dots."""
	first, *later = login.strip().split(".")
	outcome = outcome_of(first)
	if sms_code and outcome.status == 0 and not outcome.asks:
		outcome = Outcome(asks="code")
	return outcome, later


def outcome_of(word: str) -> Outcome:
	"""Return what one word of a test login means; an unknown word is a login that works."""
	named = {
		"otp": Outcome(asks="code"),
		"otp_fail": Outcome(1010, "otp_failed", asks="code", code_works=False),
		"app2app": Outcome(asks="app"),
		"app2app_expiry": Outcome(1010, "app2app_expired", asks="app"),
	}
	coded = _CODED.fullmatch(word)
	if coded is None:
		return named.get(word, Outcome())
	status = int(coded[1])
	return Outcome(status, (coded[2] or info_of(status)).lower())


def info_of(status: int) -> str:
	"""Return the status text of a status code."""
	return _INFOS.get(status, "ok")


def describe(status: int, french: bool) -> str | None:
	"""Return the sentence for a user; none when all is well."""
	pair = _DESCRIPTIONS.get(status)
	return pair[int(french)] if pair else None
