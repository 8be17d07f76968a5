"""Salt Edge's transactions, as lines. https://docs.saltedge.com/v6/api_reference#ais-transactions

`made_on` is the day the transaction was made. The day it was booked is in `extra.posting_date`, at the banks that
give it; a line's date is that one where it is known.
"""

from __future__ import annotations

from dokos_banksync.core.iban import normalize_iban
from dokos_banksync.core.model import Line, LineState
from dokos_banksync.providers.parsing import Object, amount, day, identifier, instant, mapping, text
from dokos_banksync.providers.rejection import NOT_A_TRANSACTION, why_rejected


def line(row: object, raw: str) -> Line | str:
	"""Return the row as a line, or the reason why it is none."""
	if not isinstance(row, dict):
		return NOT_A_TRANSACTION
	get, extra = row.get, mapping(row.get("extra"))
	remote_id = identifier(get("id")) or identifier(get("transaction_id"))
	account_id = identifier(get("account_id"))
	money, made_on, currency = amount(get("amount")), day(get("made_on")), text(get("currency_code")).upper()
	on = day(extra.get("posting_date")) or made_on
	if not remote_id or not account_id or money is None or on is None or not currency:
		return why_rejected(money, on, remote_id=remote_id, account=account_id)
	original = text(get("description")) or text(extra.get("additional")) or text(extra.get("information"))
	party = _party(extra, leaving=money < 0)
	return Line(
		remote_account=account_id,
		remote_id=remote_id,
		date=on,
		amount=money,
		currency=currency,
		description=original or party or remote_id,
		original=original or party or remote_id,
		state=state(row),
		transaction_date=made_on,
		category=_category(get("category")),
		kind=text(extra.get("type")) or text(get("mode")),
		party_name=party,
		party_iban=_iban(extra, leaving=money < 0),
		reference=_reference(extra),
		updated_at=instant(get("updated_at")),
		raw=raw,
	)


def _reference(extra: Object) -> str:
	found = (text(extra.get(name)) for name in ("end_to_end_id", "check_number", "record_number"))
	return next(filter(None, found), "")


def state(row: Object) -> LineState:
	"""Return where a row stands: a duplicate is one that Salt Edge took back."""
	if row.get("duplicated") is True:
		return LineState.REMOVED
	return LineState.PENDING if text(row.get("status")) == "pending" else LineState.BOOKED


def _category(code: object) -> str:
	name = text(code)
	return "" if name == "uncategorized" else name


def _party(extra: Object, *, leaving: bool) -> str:
	return text(extra.get("payee" if leaving else "payer"))


def _iban(extra: Object, *, leaving: bool) -> str:
	"""Return the other account, which some banks put into the information about the other party."""
	stated = extra.get("payee_information" if leaving else "payer_information")
	return normalize_iban(text(mapping(stated).get("iban")))
