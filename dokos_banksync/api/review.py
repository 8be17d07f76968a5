"""Where a line or a bank transaction comes from, questions, missing lines, and undo."""

from __future__ import annotations

from typing import Any

import frappe

from dokos_banksync.api.permitted import LINE, RUN, TRANSACTION, answer, decide


@frappe.whitelist()
def explain_bank_transaction(name: str) -> dict[str, Any]:
	return answer("review.explain_bank_transaction", "read", TRANSACTION, name=name)


@frappe.whitelist()
def explain_sync_line(name: str) -> dict[str, Any]:
	return answer("review.explain_sync_line", "read", LINE, name=name)


@frappe.whitelist()
def run_review(run: str) -> dict[str, Any]:
	return answer("review.run_review", "read", RUN, run=run)


@frappe.whitelist()
def open_questions(bank_account: str) -> dict[str, Any]:
	return answer("review.open_questions", "read", LINE, bank_account=bank_account)


@frappe.whitelist(methods=["POST"])
def find_missing(bank_account: str, since: str = "") -> dict[str, Any]:
	return answer("review.find_missing", "read", bank_account=bank_account, since=since)


@frappe.whitelist()
def preview_undo(run: str) -> dict[str, Any]:
	return answer("review.preview_undo", "read", RUN, run=run)


@frappe.whitelist(methods=["POST"])
def undo_run(run: str, again: str = "") -> dict[str, Any]:
	return decide("review.undo_run", run=run, again=again)


@frappe.whitelist(methods=["POST"])
def answer_question(line: str, transaction: str = "") -> dict[str, Any]:
	return decide("review.answer_question", line=line, transaction=transaction)


@frappe.whitelist(methods=["POST"])
def take_missing(
	bank_account: str, connection: str, since: str, chosen: str = "", everything: str = ""
) -> dict[str, Any]:
	given = {"bank_account": bank_account, "connection": connection, "since": since}
	return decide("review.take_missing", **given, chosen=chosen, everything=everything)
