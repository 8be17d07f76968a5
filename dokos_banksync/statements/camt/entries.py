"""The entries of a camt statement.

Direction: `CdtDbtInd` says whether the entry increases or decreases the balance. `RvslInd` does not turn it round; the
definition of `ReversalIndicator` says: if the credit/debit indicator is CRDT and the reversal indicator is true, the
original operation was a debit entry; the entry itself is a credit. It matters for the parties alone, who keep the
parts that they had in the original payment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.iban import normalize_iban
from dokos_banksync.core.model import LineState
from dokos_banksync.core.staged_row import StagedRow
from dokos_banksync.statements.contract import TOO_MANY, ReadingOptions, Refused
from dokos_banksync.statements.grid import is_clean
from dokos_banksync.statements.iso20022 import Values
from dokos_banksync.statements.parts import Part

_STATES = {"BOOK": LineState.BOOKED, "PDNG": LineState.PENDING, "FUTR": LineState.FUTURE}
_INFORMATION = "INFO"
_LEFT_OUT = "Entries for information only were left out: they move no money"
_VALUE_DAY = "Some entries have no booking date: their value date was used"
_CODES = tuple(f"BkTxCd/Domn/{path}" for path in ("Cd", "Fmly/Cd", "Fmly/SubFmlyCd"))


def _party_paths(part: str) -> tuple[str, ...]:
	names = (f"RltdPties/{kind}/{path}" for kind in (part, f"Ultmt{part}") for path in ("Nm", "Pty/Nm"))
	return (f"RltdPties/{part}Acct/Id/IBAN", *names)


_DEBTOR, _CREDITOR = _party_paths("Dbtr"), _party_paths("Cdtr")
_TEXTS = (
	"RmtInf/Ustrd",
	"RmtInf/Strd/CdtrRefInf/Ref",
	"RmtInf/Strd/RfrdDocInf/Nb",
	"RmtInf/Strd/AddtlRmtInf",
)
_REFERENCES = ("RmtInf/Strd/CdtrRefInf/Ref", "Refs/EndToEndId", "Refs/ChqNb", "Refs/MndtId")
_SIGNS = {"CRDT": 1, "DBIT": -1}
_AMOUNT = re.compile(r"[0-9]{1,18}(?:\.[0-9]{0,10})?|\.[0-9]{1,10}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[TZ+-].*)?")
_DETAILS = "TxDtls"
_NOT_PROVIDED = frozenset({"NOTPROVIDED", "NOT PROVIDED", "NONREF", "NOREF", "NONE", ""})
_LABELLED = 20
"""Transactions of a batch whose texts are in the label."""
_MAX_STORED = 1_000
"""Transactions of a batch that are kept in `raw`."""
_LONGEST = 1_000
"""Characters of a label."""


def iso_amount(text: str, indicator: str) -> Decimal:
	"""Return the signed amount. The standard has no sign and no other decimal mark than the point."""
	sign = _SIGNS.get(indicator)
	if sign is None:
		raise InvalidData("{0} is neither CRDT nor DBIT", indicator or "–")
	if not _AMOUNT.fullmatch(text):
		raise InvalidData("{0} is not an amount", text or "–")
	return Decimal(text) * sign


@lru_cache(maxsize=1024)
def iso_day(text: str) -> date:
	"""Return the day as it is written: a time and its zone do not move it."""
	if not _DAY.fullmatch(text):
		raise InvalidData("{0} is not a date", text or "–")
	try:
		return date.fromisoformat(text[:10])
	except ValueError as error:
		raise InvalidData("{0} is not a date", text) from error


class Entries:
	"""Turns entries into lines, and counts them over the whole file."""

	def __init__(self, options: ReadingOptions, remarks: list[str], already: int) -> None:
		self._most, self._remarks, self._count = options.most, remarks, already
		self._fallback = options.currency

	def take(self, entry: Values, details: list[Values], part: Part) -> None:
		"""Add the entry to the lines of its statement, or to the refused rows. Raises `InvalidData` for one too many."""
		self._count += 1
		if self._most and self._count > self._most:
			raise InvalidData(TOO_MANY, self._most)
		status = entry.get("Sts/Cd") or entry.get("Sts") or entry.get("Sts/Prtry") or "BOOK"
		if status == _INFORMATION:
			self._remarks.append(_LEFT_OUT)
			part.left_out += 1
			return
		raw = _as_json(entry, details)
		try:
			part.lines.add(self._row(entry, details, status, part=part, raw=raw))
		except InvalidData as error:
			part.refused.append(Refused(self._count, "", error.message, raw[:_LONGEST]))

	def _row(self, entry: Values, details: list[Values], status: str, part: Part, raw: str) -> StagedRow:
		if status not in _STATES:
			raise InvalidData("{0} is not a status of an entry", status)
		indicator = entry.get("CdtDbtInd", "")
		amount = iso_amount(entry.get("Amt", ""), indicator)
		value_date = _optional_day(entry.get("ValDt/Dt") or entry.get("ValDt/DtTm"))
		written = entry.get("BookgDt/Dt") or entry.get("BookgDt/DtTm")
		if not written and value_date:
			self._remarks.append(_VALUE_DAY)
		single = details[0] if len(details) == 1 else {}
		name, iban = _party(single, amount > 0, entry.get("RvslInd") in ("true", "1"), part.iban)
		label = _label(entry, details, name)
		booked = _written_day(written or "") if written or not value_date else value_date
		currency = entry.get("Amt@Ccy", "").upper() or part.currency or self._fallback
		return (
			*("", _bank_id(entry), booked, str(amount), currency, label, label, _STATES[status].value),
			*(value_date, None, "", _kind(entry), name, iban, _reference(entry, single), None, raw, ""),
		)


def _as_json(entry: Values, details: list[Values]) -> str:
	"""Return what an entry says as JSON text, without the encoder that `json.dumps` makes for each."""
	own = _object(entry)
	if not details:
		return own
	groups = ",".join(map(_object, details[:_MAX_STORED]))
	more = f'"{_DETAILS}":[{groups}],"count":{len(details)}}}'
	return f"{own[:-1]},{more}" if entry else f"{{{more}"


def _object(values: Values) -> str:
	return _template(tuple(values)) % tuple(map(encode_basestring, values.values()))


@lru_cache(maxsize=1024)
def _template(paths: tuple[str, ...]) -> str:
	"""Return the JSON text of an object with a place for each value. The entries of a bank have few sets of paths."""
	members = ",".join(f"{encode_basestring(path)}:".replace("%", "%%") + "%s" for path in paths)
	return f"{{{members}}}"


@lru_cache(maxsize=1024)
def _written_day(text: str) -> str:
	"""Return a day as `iso_day` reads it, in ISO 8601."""
	return iso_day(text).isoformat()


def _optional_day(text: str | None) -> str | None:
	try:
		return _written_day(text) if text else None
	except InvalidData:
		return None


def _bank_id(entry: Values) -> str:
	own = entry.get("AcctSvcrRef", "")
	return "" if own.upper() in _NOT_PROVIDED else own


def _kind(entry: Values) -> str:
	domain = [text for path in _CODES if (text := entry.get(path))]
	return "-".join(domain) or entry.get("BkTxCd/Prtry/Cd", "")


def _party(transaction: Values, credit: bool, reversed_: bool, own: str) -> tuple[str, str]:
	"""Return name and IBAN of the other side: who pays for a credit, who is paid for a debit.

	The other one of the two is taken only where the account's own IBAN stands at the first.
	"""
	first, second = (_DEBTOR, _CREDITOR) if credit != reversed_ else (_CREDITOR, _DEBTOR)
	for paths in (first, second):
		written = transaction.get(paths[0])
		iban = normalize_iban(written) if written else ""
		name = _first(transaction, paths[1:])
		if (name or iban) and (not iban or iban != own):
			return name, iban
		if not transaction.get(second[0]):
			break
	return "", ""


def _first(values: Values, paths: Iterable[str]) -> str:
	"""Return the first of some values that is there."""
	for path in paths:
		if text := values.get(path):
			return text
	return ""


def _reference(entry: Values, single: Values) -> str:
	"""Return the creditor reference (SCOR, QRR), else the end-to-end id, the mandate, or the reference of the entry."""
	for path in _REFERENCES:
		text = single.get(path)
		if text and text.upper() not in _NOT_PROVIDED:
			return text
	own = entry.get("NtryRef", "")
	return "" if own.upper() in _NOT_PROVIDED else own


def _texts(transaction: Values) -> str:
	"""Return what is written for the reader of a transaction."""
	found = [text for path in _TEXTS if (text := transaction.get(path))]
	found = found or [transaction.get("AddtlTxInf", "")]
	if returned := transaction.get("RtrInf/AddtlInf") or transaction.get("RtrInf/Rsn/Cd"):
		found.append(returned)
	return found[0] if len(found) == 1 else " ".join(filter(None, found))


def _label(entry: Values, details: list[Values], party: str) -> str:
	texts = [_texts(transaction) for transaction in details[:_LABELLED]]
	if not any(texts):
		texts.append(entry.get("AddtlNtryInf", ""))
	label = " ".join(filter(None, dict.fromkeys((party, *texts))))
	if not is_clean(label):
		label = " ".join(label.split())
	if len(details) > _LABELLED:
		label = f"{label[: _LONGEST - 12]} +{len(details) - _LABELLED}"
	return label[:_LONGEST] or _kind(entry)
