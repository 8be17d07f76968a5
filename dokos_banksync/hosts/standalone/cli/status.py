"""`banksync status`: the state of all connections on one screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from shlex import quote

from dokos_banksync.actions.quotas import Quota, quotas, shown
from dokos_banksync.core.model import NEXT_STEP, ConnectionStatus
from dokos_banksync.core.records import ConnectionRecord
from dokos_banksync.core.review.proof import prove
from dokos_banksync.core.review.questions import questions
from dokos_banksync.hosts.standalone.cli.connect import next_run
from dokos_banksync.hosts.standalone.cli.json_records import Record, plain_row
from dokos_banksync.hosts.standalone.cli.session import Session, session
from dokos_banksync.hosts.standalone.cli.terminal import Column, bold, local_day

_COMMANDS = {
	"reconnect": "banksync reconnect {0}",
	"connect": "banksync reconnect {0}",
	"configure": "banksync provider check {1}",
}
"""What a state asks of a user; the others ask nothing."""
BALANCES = AGREES, DIFFERS, UNKNOWN = "agrees", "differs", "not checked"
"""How the books compare with the balances of a bank."""


def status() -> None:
	"""Print each bank with its last import, balance check, next run and consent, and the quotas."""
	current = session()
	records = [r for r in current.site.ledger.connections() if r.status is not ConnectionStatus.CONNECTING]
	banks = [_bank(current, record) for record in records]
	counted = quotas(current.site)
	waiting = len(questions(current.site.ledger, ""))
	others = _others(current)
	record = {
		"banks": [plain_row(one) for one in banks],
		"accounts_without_connection": [plain_row(one) for one in others],
		"questions": waiting,
		"quotas": [_quota(q) for q in counted],
	}
	tables = [_bank_table(current, banks), *_other_table(current, others)]
	current.answer(
		record,
		lambda: "\n".join(
			[*tables, *_hints(current, [*banks, *others], waiting), *_limits(current, shown(counted))]
		),
	)


def _bank(current: Session, record: ConnectionRecord) -> Record:
	entry = current.site.schedule_store.read(record.name)
	return {
		"bank": record.bank,
		"connection": record.name,
		"provider": record.provider,
		"status": record.status.value,
		"action": NEXT_STEP[record.status],
		"last_import_at": record.last_success_at,
		"balance": _balance(current, record),
		"next_run_at": next_run(record, entry),
		"consent_expires_at": record.consent_expires_at,
	}


def _balance(current: Session, record: ConnectionRecord) -> str:
	"""Return how the books of the accounts that a connection feeds compare with the bank's balances."""
	return _compared(current, _fed(current, record))


def _fed(current: Session, record: ConnectionRecord) -> set[str]:
	return {one.bank_account for one in current.site.ledger.accounts(record.name) if one.bank_account}


def _compared(current: Session, bank_accounts: Iterable[str]) -> str:
	proofs = [prove(current.site.ledger, name) for name in sorted(bank_accounts)]
	if any(one.checked and not one.complete for one in proofs):
		return DIFFERS
	return AGREES if proofs and all(one.checked for one in proofs) else UNKNOWN


def _others(current: Session) -> list[Record]:
	"""Return the Bank Accounts that no connection feeds: those of statement files."""
	ledger = current.site.ledger
	fed = set[str]().union(*(_fed(current, record) for record in ledger.connections()))
	return [
		{
			"bank_account": account.name,
			"bank": account.bank,
			"last_transaction": ledger.last_day(account.name),
			"balance": _compared(current, [account.name]),
		}
		for account in ledger.bank_accounts()
		if account.name not in fed
	]


def _quota(one: Quota) -> Record:
	return {**plain_row(one._asdict()), "left": one.left}


def _bank_table(current: Session, banks: Sequence[Record]) -> str:
	columns = [Column("Bank", elastic=True, least=10), Column("State", elastic=True), Column("Last import")]
	columns += [Column("Balance", elastic=True), Column("Next run"), Column("Consent until", spare=True)]
	columns += [Column("Connection", spare=True)]
	rows = [
		[
			*(one["bank"], current.t(one["status"]), one["last_import_at"], current.t(one["balance"])),
			*(one["next_run_at"], local_day(one["consent_expires_at"]), one["connection"]),
		]
		for one in banks
	]
	return current.table(columns, rows, "No bank is connected yet: banksync connect BANK --provider NAME")


def _other_table(current: Session, others: Sequence[Record]) -> list[str]:
	if not others:
		return []
	columns = [Column("Bank Account", elastic=True, least=16), Column("Bank", elastic=True, spare=True)]
	columns += [Column("Last transaction"), Column("Balance")]
	rows = [
		[one["bank_account"], one["bank"], one["last_transaction"] or "", current.t(one["balance"])]
		for one in others
	]
	return ["", bold(current.t("Accounts without a connection")), current.table(columns, rows, "")]


def _hints(current: Session, compared: Sequence[Record], waiting: int) -> list[str]:
	hints = [_to_do(current, one) for one in compared if one.get("action") in _COMMANDS]
	if any(one["balance"] == DIFFERS for one in compared):
		hints.append(current.t("A balance differs from the bank's: banksync proof names the cause"))
	if waiting:
		hints.append(current.t("Questions to answer: {0}. List them with: banksync questions", waiting))
	return hints


def _limits(current: Session, counted: Sequence[Quota]) -> list[str]:
	if not counted:
		return []
	return ["", bold(current.t("Calls that count against a limit")), _quota_table(current, counted)]


def _to_do(current: Session, one: Record) -> str:
	command = _COMMANDS[one["action"]].format(one["connection"], quote(one["provider"]))
	return f"! {current.named(one['bank'], current.t(one['status']), command)}"


def _quota_table(current: Session, counted: Sequence[Quota]) -> str:
	columns = [
		Column("Provider", elastic=True),
		Column("Scope", elastic=True, least=12),
		Column("Account", elastic=True, least=12),
	]
	columns += [Column("Used", right=True), Column("Remaining", right=True), Column("Resets at")]
	rows = [[q.provider, current.t(q.label), q.owner, q.used, q.left, q.resets_at] for q in counted]
	return current.table(columns, rows, "")
