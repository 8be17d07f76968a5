"""Singular forms of sentences that hold a count: "1 line fetched" instead of "1 lines fetched".

A singular is a sentence of its own, so that every language has its own: in French "1 importée" beside "{0} importées",
where English says "imported" for both. It is chosen where a message is made or translated (`core/message.py`), so callers name
the plural alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_FIRST: Mapping[str, str] = {
	"and {0} more rows: --json lists them all": "and 1 more row: --json lists all",
	"consent up to {0} days": "consent up to 1 day",
	"up to {0} months of history": "up to 1 month of history",
	"The bank allows {0} fetches a day without you, and they are used up. The next one is automatic; to read now, fetch "
	"while you are here.": "The bank allows 1 fetch a day without you, and it is used up. The next one is automatic; to "
	"read now, fetch while you are here.",
	"The bank lists none of the {0} transactions of {1} that it listed before. Nothing was removed: fetch again later": (
		"The bank does not list the 1 transaction of {1} that it listed before. Nothing was removed: fetch again later"
	),
	"The clock of this server is {0} minutes ahead of Enable Banking's, so that our signature is not accepted. Set it to the "
	"right time.": "The clock of this server is 1 minute ahead of Enable Banking's, so that our signature is not accepted. "
	"Set it to the right time.",
	"The clock of this server is {0} minutes behind Enable Banking's, so that our signature is not accepted. Set it to the "
	"right time.": "The clock of this server is 1 minute behind Enable Banking's, so that our signature is not accepted. "
	"Set it to the right time.",
	"The file states {0} rows, and holds {1}": "The file states 1 row, and holds {1}",
	"The provider's credentials are stored and accepted: {0} banks": (
		"The provider's credentials are stored and accepted: 1 bank"
	),
	"The user gave consent at the bank and shares {0} accounts": (
		"The user gave consent at the bank and shares 1 account"
	),
	"{0} accounts are not imported yet: see Update bank accounts.": (
		"1 account is not imported yet: see Update bank accounts."
	),
	"{0} accounts feed new Bank Accounts": "1 account feeds a new Bank Account",
	"{0} already there": "1 already there",
	"{0} bank transactions": "1 bank transaction",
	"{0} bank transactions read": "1 bank transaction read",
	"{0} bank transactions stay as they are, since they are reconciled or were changed. The site's own Plaid synchronisation "
	"reads the accounts again.": "1 bank transaction stays as it is, since it is reconciled or was changed. The site's own "
	"Plaid synchronisation reads the accounts again.",
	"{0} changed": "1 changed",
	"{0} days were not fetched": "1 day was not fetched",
	"{0} documents and lines restored or removed": "1 document or line restored or removed",
	"{0} fetches a day": "1 fetch a day",
	"{0} not imported": "1 not imported",
	"{0} imported": "1 imported",
	"{0} further rows of 0.00 were left out": "1 further row of 0.00 was left out",
	"{0} in the books that the bank does not list: they stay": "1 in the books that the bank does not list: it stays",
	"{0} lines fetched": "1 line fetched",
	"{0} linked by day, amount and label": "1 linked by day, amount and label",
	"{0} linked by their id": "1 linked by its id",
	"{0} matched": "1 matched",
	"{0} will be imported": "1 will be imported",
	"{0} new rows may be there already: their reason names the bank transaction": (
		"1 new row may be there already: its reason names the bank transaction"
	),
	"{0} new bank transactions may be there already, under another label: {1}": (
		"1 new bank transaction may be there already, under another label: {1}"
	),
	"{0} will not be imported (pending, before the start date, in a closed period)": (
		"1 will not be imported (pending, before the start date, in a closed period)"
	),
	"{0} questions": "1 question",
	"{0} refused": "1 refused",
	"{0} removed": "1 removed",
	"{0} rows changed since the preview, and nothing was stored: preview again": (
		"1 row changed since the preview, and nothing was stored: preview again"
	),
	"{0} rows are from more than twenty-five years ago, the first of them of {1}: check their years": (
		"1 row is from more than twenty-five years ago, of {1}: check its year"
	),
	"{0} rows have a type that contradicts their sign, as {1} {2} of {3}: check the signs of the file": (
		"1 row has a type that contradicts its sign, {1} {2} of {3}: check the signs of the file"
	),
	"{0} rows of text are no transactions, the first is row {1}: {2}": "1 row of text is no transaction, row {1}: {2}",
	"{0} rows stand in several statements of the file under the same id: they were read once": (
		"1 row stands in several statements of the file under the same id: it was read once"
	),
	"{0} statements are a part of another one in the file: they were read once": (
		"1 statement is a part of another one in the file: it was read once"
	),
	"{0} rows of reports stand in the statement of their day: they were read once": (
		"1 row of a report stands in the statement of its day: it was read once"
	),
	"A report has {0} rows, the first of them {1} of {2}, that the statement of these days lacks": (
		"A report has 1 row, {1} of {2}, that the statement of that day lacks"
	),
	"{0} stored with the sign reversed": "1 stored with the sign reversed",
	"{0} taken back": "1 taken back",
	"{0} unchanged": "1 unchanged",
	"{0} waiting": "1 waiting",
}
_SECOND: Mapping[str, str] = {
	"Account {0} should have {1} records, and has {2}": "Account {0} should have 1 record, and has {2}",
	"It came from {0}, and {1} more sources have it": "It came from {0}, and 1 more source has it",
	"It holds {0} of {1} recent transactions of the account": "It holds {0} of 1 recent transaction of the account",
	"The consent for {0} ends in {1} days. Open the bank and choose Update credentials to renew it": (
		"The consent for {0} ends in 1 day. Open the bank and choose Update credentials to renew it"
	),
	"{0} brought {1} lines. They say where bank transactions come from, so it stays, disconnected": (
		"{0} brought 1 line. It says where a bank transaction comes from, so it stays, disconnected"
	),
	"{0} is fetched every {1} hours by banksync sync --due": "{0} is fetched every hour by banksync sync --due",
	"{0} is fetched every {1} hours by banksync sync --due, next at {2}": (
		"{0} is fetched every hour by banksync sync --due, next at {2}"
	),
	"{0} is fetched every {1} hours once the bank is connected": "{0} is fetched every hour once the bank is connected",
	"{0} of {1} bank transactions compared": "{0} of 1 bank transaction compared",
	"{0} of {1} documents and lines restored or removed": "{0} of 1 document or line restored or removed",
	"{0} of {1} lines checked against the preview": "{0} of 1 line checked against the preview",
	"{0} of {1} lines compared": "{0} of 1 line compared",
	"{0} of {1} lines stored": "{0} of 1 line stored",
	"{0} of {1} rows whose type takes money out ({2}) have a positive amount: check the signs of the file": (
		"The row whose type takes money out ({2}) has a positive amount: check the signs of the file"
	),
}
_THIRD: Mapping[str, str] = {
	"{0}, and it holds {1} of {2} recent transactions of the account": (
		"{0}, and it holds {1} of 1 recent transaction of the account"
	),
}
SINGULARS: Mapping[str, tuple[int, str]] = {
	template: (place, singular)
	for place, group in enumerate((_FIRST, _SECOND, _THIRD))
	for template, singular in group.items()
}
"""By the plural: which value is the count, and the sentence for a count of one. It may leave the count out."""


def singular(template: str, values: Sequence[object]) -> str:
	"""Return the sentence for a count of one where the count is one, else the template itself."""
	place, sentence = SINGULARS.get(template, (0, template))
	return sentence if place < len(values) and str(values[place]) == "1" else template
