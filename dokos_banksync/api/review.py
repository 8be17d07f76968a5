"""Where a line or a bank transaction comes from, questions, missing lines, and undo."""

from __future__ import annotations

import frappe

from dokos_banksync.api.permitted import LINE, RUN, TRANSACTION, answer, decide


@frappe.whitelist()
def explain_bank_transaction(name: str) -> object:
	"""Return where a bank transaction comes from and what happened to it."""
	return answer("review.explain_bank_transaction", "read", TRANSACTION, name=name)


@frappe.whitelist()
def explain_sync_line(name: str) -> object:
	"""Return what happened to a row of the bank, and why it has no transaction."""
	return answer("review.explain_sync_line", "read", LINE, name=name)


@frappe.whitelist()
def run_review(run: str) -> object:
	"""Return what a run did, and what of it can be undone."""
	return answer("review.run_review", "read", RUN, run=run)


@frappe.whitelist()
def open_questions(bank_account: str) -> object:
	"""Return the questions about a Bank Account that only a user can answer."""
	return answer("review.open_questions", "read", LINE, bank_account=bank_account)


@frappe.whitelist(methods=["POST"])
def find_missing(bank_account: str, since: str = "", background: str = "") -> object:
	"""Compare the bank with the books since a day, and return the rows without a transaction."""
	given = {"bank_account": bank_account, "since": since, "background": background}
	return answer("review.find_missing", "read", **given)


@frappe.whitelist()
def preview_undo(run: str, background: str = "") -> object:
	"""Return which documents an undo of this run would change, which it would leave, and why."""
	return answer("review.preview_undo", "read", RUN, run=run, background=background)


@frappe.whitelist(methods=["POST"])
def undo_run(run: str, again: str = "", background: str = "") -> object:
	"""Undo a run; with `again`, do it once more."""
	return decide("review.undo_run", run=run, again=again, background=background)


@frappe.whitelist(methods=["POST"])
def answer_question(line: str, transaction: str = "") -> object:
	"""Match a row to a transaction, or without one import it as new."""
	return decide("review.answer_question", line=line, transaction=transaction)


@frappe.whitelist(methods=["POST"])
def take_missing(
	bank_account: str,
	connection: str,
	since: str,
	chosen: str = "",
	everything: str = "",
	background: str = "",
) -> object:
	"""Import the chosen missing rows, or all of them."""
	given = {"bank_account": bank_account, "connection": connection, "since": since}
	given |= {"chosen": chosen, "everything": everything, "background": background}
	return decide("review.take_missing", **given)


@frappe.whitelist()
def reversed_signs(bank_account: str) -> object:
	"""Return the bank transactions of a Bank Account that are stored with the sign reversed."""
	return answer("review.reversed_signs", "read", LINE, bank_account=bank_account)


@frappe.whitelist(methods=["POST"])
def correct_signs(bank_account: str, key: str = "") -> object:
	"""Give the rows that were shown under `key` the bank's sign, in one run that can be undone; without one, all."""
	return decide("review.correct_signs", bank_account=bank_account, key=key)
