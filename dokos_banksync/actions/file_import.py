"""A statement file into a Bank Account: read it, choose its account, check that the two fit, import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial, reduce
from hashlib import sha256

from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.core.importing.approved_plan import ApprovedPlan
from dokos_banksync.core.importing.file_import import FileRows, import_rows, source_of
from dokos_banksync.core.importing.importer import Preview
from dokos_banksync.core.importing.validation import first_likely_day
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.message import Message
from dokos_banksync.core.model import LineState, RejectedRow
from dokos_banksync.core.packed_lines import PackedLines
from dokos_banksync.core.progress import Progress
from dokos_banksync.core.provider import Clock
from dokos_banksync.core.records import BankAccountRecord, RunRecord
from dokos_banksync.statements.contract import Account, ReadingOptions, Statement
from dokos_banksync.statements.registry import read
from dokos_banksync.statements.roles import Role, Setting

_ROW = "Row {0}: {1}"
MISMATCHES = (
	"Contradictions in the file: {0}. {1}. Look whether rows are missing; "
	"to import the file all the same, give --accept-mismatches"
)
_OLD_DAYS = "{0} rows are from more than twenty-five years ago, the first of them of {1}: check their years"
_DISTINCTIVE_DIGITS = 6
"""Digits of a number without its zeros that no other part of an IBAN contains by accident."""
_NAMED_MISMATCHES = 5
"""Contradictions that an error names: the user sees what there is to accept."""
_NAMED = 20
"""Accounts that a sentence names."""
_REMEMBERED = (*Role, *Setting)


class ContradictedBalances(InvalidData):
	"""The control values of a file contradict its rows: nothing is imported unless the user accepts it.

	`mismatches` names each of them with both figures.
	"""

	def __init__(self, mismatches: Sequence[str]) -> None:
		named = reduce(partial(Message, "{0}. {1}"), mismatches[:_NAMED_MISMATCHES])
		super().__init__(MISMATCHES, len(mismatches), named)
		self.mismatches = mismatches


@dataclass(frozen=True)
class ImportOptions:
	"""What is imported of a file. How the file is read is `reading`."""

	reading: ReadingOptions = field(default_factory=ReadingOptions)
	"""What the user states; `prepare` adds the currency of the Bank Account and the mappings stored for its bank."""
	account: str = ""
	"""Number of the account, in a file that holds several, or one under another number than the IBAN's."""
	accept_mismatches: bool = False
	"""Import although the file's own balances contradict its rows."""


@dataclass(frozen=True)
class PreparedImport:
	"""A file that was read and fits the Bank Account, ready to be imported."""

	target: BankAccountRecord
	statement: Statement
	account: Account
	rows: FileRows


def prepare(
	ledger: Ledger,
	bank_account: str,
	name: str,
	content: bytes,
	options: ImportOptions,
	*,
	today: date | None = None,
) -> PreparedImport:
	"""Raises `InvalidData` for a file that cannot be read, or is of another account or currency.

	With `today`, rows of more than twenty-five years ago count as contradictions, which the user may accept.
	"""
	target = ledger.bank_account(bank_account)
	if target.closed:
		raise InvalidData("The bank account {0} is closed: open it again to import a file", target.name)
	recall = partial(_recall, ledger, target)
	statement = read(content, replace(options.reading, currency=target.currency, recall=recall))
	account = _with_old_days(_choose(statement, target, options.account), today)
	if account.mismatches and not options.accept_mismatches:
		raise ContradictedBalances(account.mismatches)
	_check_fits(account, target, options.account)
	several = account.number if len(statement.accounts) > 1 else ""
	rows = FileRows(name, source_of(content, several), account.lines, _rejected_rows(account))
	rows = replace(rows, old_days=options.accept_mismatches, repeated=account.repeated)
	if account.balance:
		rows = replace(rows, balance=account.balance.amount, balance_day=account.balance.day)
	return PreparedImport(target, statement, account, rows)


def take(
	ledger: Ledger,
	prepared: PreparedImport,
	*,
	clock: Clock,
	progress: Progress | None = None,
	preview: Preview | None = None,
	plan: ApprovedPlan | None = None,
) -> RunRecord:
	"""Import what was prepared, and remember how the bank's table is read. See `core.importing.file_import.import_rows`."""
	run = import_rows(
		ledger,
		prepared.target.name,
		prepared.rows,
		clock=clock,
		progress=progress,
		preview=preview,
		plan=plan,
	)
	if prepared.statement.signature and not preview:
		known = set(_REMEMBERED) - prepared.statement.assumed
		remembered = {key: value for key, value in prepared.statement.mapping.items() if key in known}
		signature = prepared.statement.signature
		ledger.store_mapping(prepared.target.bank, _own_signature(prepared.target, signature), remembered)
		ledger.store_mapping(prepared.target.bank, signature, remembered)
	return run


def _recall(ledger: Ledger, target: BankAccountRecord, signature: str) -> Mapping[str, str]:
	"""Return the mapping stored for a table of this Bank Account, else that of the bank. The latter is without the meaning
	of the sign, which may differ between accounts and cards.
	"""
	own = ledger.mapping(target.bank, _own_signature(target, signature))
	shared = ledger.mapping(target.bank, signature)
	return own or {key: value for key, value in shared.items() if key != Setting.SIGN}


def _own_signature(target: BankAccountRecord, signature: str) -> str:
	return sha256(f"{signature} {target.name}".encode()).hexdigest()[:16]


def _choose(statement: Statement, target: BankAccountRecord, wanted: str) -> Account:
	accounts = _in_currency(statement.accounts, target)
	numbers = ", ".join(account.number or "–" for account in accounts[:_NAMED])
	numbers += ", …" if len(accounts) > _NAMED else ""
	if wanted:
		named = _in_currency([a for a in accounts if _plain(a.number) == _plain(wanted)], target)
		if len(named) != 1 and any(account.number for account in accounts):
			raise NotFound("There is no account {0} in the file: it holds {1}", wanted, numbers)
		return named[0] if named else accounts[0]
	if len(accounts) == 1:
		return accounts[0]
	fitting = _in_currency([a for a in accounts if a.number and _is(a, target)], target)
	if len(fitting) != 1 or not target.iban:
		raise InvalidData("The file holds several accounts ({0}): say which one", numbers)
	return fitting[0]


def _in_currency(accounts: Sequence[Account], target: BankAccountRecord) -> Sequence[Account]:
	"""Return the accounts; of several under one number, as of one IBAN in several currencies, those in the right one."""
	if len(accounts) < 2 or len({account.number for account in accounts}) > 1:
		return accounts
	return [account for account in accounts if account.currency in ("", target.currency)] or accounts


def _with_old_days(account: Account, today: date | None) -> Account:
	"""Return the account; rows of more than twenty-five years ago are one of its mismatches."""
	first = first_likely_day(today) if today else date.min
	if isinstance(account.lines, PackedLines) and (days := account.lines.booked_days) and days[0] >= first:
		return account
	old = [line.date for line in account.lines if line.state is LineState.BOOKED and line.date < first]
	if not old:
		return account
	return replace(account, mismatches=(Message(_OLD_DAYS, len(old), old[0]), *account.mismatches))


def _check_fits(account: Account, target: BankAccountRecord, confirmed: str) -> None:
	if account.currency and account.currency != target.currency:
		raise InvalidData(
			"The file is in {0}, and {1} is in {2}: name the right Bank Account",
			account.currency,
			target.name,
			target.currency,
		)
	if _is(account, target) or (confirmed and not account.iban):
		return
	raise InvalidData(
		"The file is of account {0}, and {1} has the IBAN {2}: name the right Bank Account, or confirm the account {0}",
		account.number,
		target.name,
		target.iban,
	)


def _is(account: Account, target: BankAccountRecord) -> bool:
	"""Return whether an account of a file can be this one: the IBAN is equal, or the national number is a part of it."""
	iban, number = _plain(target.iban), _plain(account.number)
	if not iban or not number:
		return True
	if account.iban:
		return number == iban
	shown = number.rpartition("X")[2]
	short = shown.lstrip("0")
	return bool(shown) and (shown in iban or (len(short) >= _DISTINCTIVE_DIGITS and short in iban))


def _plain(number: str) -> str:
	"""Return letters and digits alone; a star hides a digit as an X does."""
	return "".join(c for c in number.upper().replace("*", "X") if c.isalnum())


def _rejected_rows(account: Account) -> list[RejectedRow]:
	return [RejectedRow("", r.id, Message(_ROW, r.row, r.reason), r.text) for r in account.refused]
