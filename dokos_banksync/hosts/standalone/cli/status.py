"""`banksync status`: one screen that says how everything stands."""

from __future__ import annotations

from collections.abc import Sequence

from dokos_banksync.actions.quotas import Quota, quotas
from dokos_banksync.core.model import NEXT_STEP, ConnectionStatus
from dokos_banksync.core.records import ConnectionRecord
from dokos_banksync.core.review.proof import prove
from dokos_banksync.core.review.questions import questions
from dokos_banksync.hosts.standalone.cli.connect import next_run
from dokos_banksync.hosts.standalone.cli.json_records import Record, plain_row
from dokos_banksync.hosts.standalone.cli.session import Session, session
from dokos_banksync.hosts.standalone.cli.terminal import Column, bold

_COMMANDS = {
	"reconnect": "banksync reconnect {0}",
	"connect": "banksync reconnect {0}",
	"configure": "banksync provider check {1}",
}
"""What a state asks of a user; the others ask nothing."""
AGREES, DIFFERS, UNKNOWN = "agrees", "differs", "not checked"


def status() -> None:
	"""Print each bank with its last import, balance check, next run and consent, and the quotas."""
	current = session()
	records = [r for r in current.site.ledger.connections() if r.status is not ConnectionStatus.CONNECTING]
	banks = [_bank(current, record) for record in records]
	counted = quotas(current.site)
	waiting = len(questions(current.site.ledger, ""))
	record = {
		"banks": [plain_row(one) for one in banks],
		"questions": waiting,
		"quotas": [_quota(q) for q in counted],
	}
	current.answer(record, lambda: _render(current, banks, counted, waiting))


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
	ledger = current.site.ledger
	fed = {account.bank_account for account in ledger.accounts(record.name) if account.bank_account}
	proofs = [prove(ledger, name) for name in sorted(fed)]
	if any(one.checked and not one.complete for one in proofs):
		return DIFFERS
	return AGREES if proofs and all(one.checked for one in proofs) else UNKNOWN


def _quota(one: Quota) -> Record:
	return {**plain_row(one._asdict()), "left": one.left}


def _render(current: Session, banks: Sequence[Record], counted: Sequence[Quota], waiting: int) -> str:
	columns = [Column("Bank", elastic=True, least=12), Column("State", elastic=True), Column("Last import")]
	columns += [Column("Balance"), Column("Next run"), Column("Consent until", spare=True)]
	columns += [Column("Connection", spare=True)]
	rows = [
		[
			*(
				one["bank"],
				current.t(one["status"]),
				one["last_import_at"],
				_balance_text(current, one["balance"]),
			),
			*(one["next_run_at"], one["consent_expires_at"], one["connection"]),
		]
		for one in banks
	]
	parts = [current.table(columns, rows, "No bank is connected yet: banksync connect BANK --provider NAME")]
	parts += [_to_do(current, one) for one in banks if one["action"] in _COMMANDS]
	if any(one["balance"] == DIFFERS for one in banks):
		parts.append(current.t("A balance differs from the bank's: banksync proof names the cause"))
	if waiting:
		parts.append(current.t("{0} questions wait for you: banksync questions", waiting))
	if counted:
		parts += ["", bold(current.t("Calls that count against a limit")), _quota_table(current, counted)]
	return "\n".join(parts)


def _balance_text(current: Session, balance: str) -> str:
	if balance == AGREES:
		return current.t("agrees")
	return current.t("differs") if balance == DIFFERS else current.t("not checked")


def _to_do(current: Session, one: Record) -> str:
	command = _COMMANDS[one["action"]].format(one["connection"], one["provider"])
	return f"! {one['bank']}: {current.t(one['action'])}: {command}"


def _quota_table(current: Session, counted: Sequence[Quota]) -> str:
	columns = [
		Column("Provider"),
		Column("Scope", elastic=True, least=12),
		Column("Account", elastic=True, least=12),
	]
	columns += [Column("Used", right=True), Column("Remaining", right=True), Column("Resets at")]
	rows = [[q.provider, q.scope, q.account or q.connection, q.used, q.left, q.resets_at] for q in counted]
	return current.table(columns, rows, "")
