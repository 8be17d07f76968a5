"""What the form scripts may call about identity, proof and repair: `dokos_banksync.api.review.<name>`."""

from __future__ import annotations

from collections.abc import Mapping

from dokos_banksync.actions import (
	certificate,
	dry_run,
	duplicates,
	explain,
	file_upload,
	missing,
	proof,
	questions,
	undo,
)
from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import Desk
from dokos_banksync.actions.handlers import Method


def account_review(desk: Desk, given: Arguments) -> object:
	"""What the form of a Bank Account offers."""
	account = given.text("bank_account")
	desk.see("Bank Account", account)
	connections = [record.name for record in missing.feeding_connections(desk, account)]
	waiting = len(desk.site.ledger.questions(account))
	return {"bank_account": account, "connections": connections, "questions": waiting}


METHODS: Mapping[str, Method] = {
	method.__name__: method
	for method in (
		account_review,
		*(explain.explain_bank_transaction, explain.explain_sync_line),
		*(undo.run_review, undo.undo_run),
		*(
			duplicates.find_duplicates,
			duplicates.merge_transactions,
			duplicates.keep_both,
			duplicates.delete_transaction,
		),
		*(file_upload.preview_file, file_upload.import_file),
		*(dry_run.preview_connection, dry_run.apply_preview),
		*(questions.open_questions, questions.answer_question),
		*(missing.find_missing, missing.take_missing),
		*(proof.account_proof, proof.accept_difference),
		*(certificate.make_certificate, certificate.certificate_review),
	)
}
