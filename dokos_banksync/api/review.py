"""What a browser may call about identity, proof and repair; what is answered is `desk.reviews`.

Who may see a document may see where it comes from. Who may fetch (see a connection) may ask what is missing. Who may
write bank transactions, or looks after connections, may decide. Each answer then looks only at documents that the
person may see.
"""

from __future__ import annotations

from typing import Any

import frappe

from dokos_banksync.actions import review_handlers
from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.api.connections import answer
from dokos_banksync.hosts.frappe.context import FrappeContext
from dokos_banksync.hosts.frappe.http_errors import must

_ACCOUNT, _TRANSACTION, _LINE, _RUN = "Bank Account", "Bank Transaction", "Sync Line", "Sync Run"
_CERTIFICATE, _CONNECTION = "Sync Certificate", "Sync Connection"


# -- to look at ------------------------------------------------------------------------------------------
@frappe.whitelist()
def account_review(bank_account: str) -> dict[str, Any]:
	return _look("account_review", _ACCOUNT, bank_account=bank_account)


@frappe.whitelist()
def explain_bank_transaction(name: str) -> dict[str, Any]:
	return _look("explain_bank_transaction", _TRANSACTION, name=name)


@frappe.whitelist()
def explain_sync_line(name: str) -> dict[str, Any]:
	return _look("explain_sync_line", _LINE, name=name)


@frappe.whitelist()
def run_review(run: str) -> dict[str, Any]:
	return _look("run_review", _RUN, run=run)


@frappe.whitelist()
def find_duplicates(bank_account: str, since: str = "", everything: str = "") -> dict[str, Any]:
	given = {"bank_account": bank_account, "since": since, "everything": everything}
	return _look("find_duplicates", _TRANSACTION, **given)


@frappe.whitelist()
def open_questions(bank_account: str) -> dict[str, Any]:
	return _look("open_questions", _LINE, bank_account=bank_account)


@frappe.whitelist()
def account_proof(bank_account: str, since: str = "") -> dict[str, Any]:
	return _look("account_proof", _LINE, bank_account=bank_account, since=since)


@frappe.whitelist()
def certificate_review(certificate: str) -> dict[str, Any]:
	return _look("certificate_review", _CERTIFICATE, certificate=certificate)


# -- what asks a provider, or writes -----------------------------------------------------------------------
@frappe.whitelist(methods=["POST"])
def find_missing(bank_account: str, since: str = "") -> dict[str, Any]:
	return _ask("find_missing", bank_account=bank_account, since=since)


@frappe.whitelist(methods=["POST"])
def take_missing(
	bank_account: str, connection: str, since: str, chosen: str = "", everything: str = ""
) -> dict[str, Any]:
	given = {"bank_account": bank_account, "connection": connection, "since": since}
	return _decide("take_missing", **given, chosen=chosen, everything=everything)


@frappe.whitelist(methods=["POST"])
def preview_connection(connection: str) -> dict[str, Any]:
	return _ask("preview_connection", connection=connection)


@frappe.whitelist(methods=["POST"])
def apply_preview(connection: str, key: str, leave_out: str = "") -> dict[str, Any]:
	return _decide("apply_preview", connection=connection, key=key, leave_out=leave_out)


@frappe.whitelist(methods=["POST"])
def preview_file(
	bank_account: str,
	file_name: str,
	content: str,
	account: str = "",
	columns: str = "",
	dates: str = "",
	decimal: str = "",
) -> dict[str, Any]:
	given = {"bank_account": bank_account, "file_name": file_name, "content": content, "account": account}
	return _ask("preview_file", **given, columns=columns, dates=dates, decimal=decimal)


@frappe.whitelist(methods=["POST"])
def import_file(
	bank_account: str,
	file_name: str,
	content: str,
	key: str,
	account: str = "",
	columns: str = "",
	dates: str = "",
	decimal: str = "",
	leave_out: str = "",
) -> dict[str, Any]:
	given = {"bank_account": bank_account, "file_name": file_name, "content": content, "account": account}
	given |= {"columns": columns, "dates": dates, "decimal": decimal}
	return _decide("import_file", **given, key=key, leave_out=leave_out)


@frappe.whitelist(methods=["POST"])
def undo_run(run: str, again: str = "") -> dict[str, Any]:
	return _decide("undo_run", run=run, again=again)


@frappe.whitelist(methods=["POST"])
def merge_transactions(keep: str, other: str) -> dict[str, Any]:
	return _decide("merge_transactions", keep=keep, other=other)


@frappe.whitelist(methods=["POST"])
def keep_both(one: str, other: str, again: str = "") -> None:
	return _decide("keep_both", one=one, other=other, again=again)


@frappe.whitelist(methods=["POST"])
def delete_transaction(name: str) -> dict[str, Any]:
	return _decide("delete_transaction", name=name)


@frappe.whitelist(methods=["POST"])
def answer_question(line: str, transaction: str = "") -> dict[str, Any]:
	return _decide("answer_question", line=line, transaction=transaction)


@frappe.whitelist(methods=["POST"])
def accept_difference(bank_account: str) -> dict[str, Any]:
	return _decide("accept_difference", bank_account=bank_account)


@frappe.whitelist(methods=["POST"])
def make_certificate(bank_account: str, month: str) -> dict[str, Any]:
	return _decide("make_certificate", bank_account=bank_account, month=month)


def _look(name: str, doctype: str, /, **given: str) -> Any:
	return answer(review_handlers.METHODS[name], "read", doctype, **given)


def _ask(name: str, /, **given: str) -> Any:
	return answer(review_handlers.METHODS[name], "read", _CONNECTION, **given)


def _decide(name: str, /, **given: str) -> Any:
	"""Bank transactions are made and taken away in the person's name: to read them is not enough."""

	def decided(desk: FrappeContext, told: Arguments) -> object:
		if not frappe.has_permission(_TRANSACTION, "write"):
			must(_CONNECTION, "write")
		return review_handlers.METHODS[name](desk, told)

	return answer(decided, "read", _CONNECTION, **given)
