"""What the form scripts may call about identity, proof and repair: `dokos_banksync.api_review.<name>`."""

from __future__ import annotations

from collections.abc import Mapping

from dokos_banksync.desk import (
	asking,
	certifying,
	doubles,
	explaining,
	importing,
	lacking,
	previewing,
	proving,
	undoing,
)
from dokos_banksync.desk.answers import Method
from dokos_banksync.desk.arguments import Arguments
from dokos_banksync.desk.contract import Desk
from dokos_banksync.desk.telling import has_journal, journal


def account_review(desk: Desk, given: Arguments) -> object:
	"""What the form of a Bank Account offers."""
	account = given.text("bank_account")
	desk.see("Bank Account", account)
	if not has_journal(desk):
		return {"bank_account": account, "journal": False, "connections": [], "questions": 0}
	connections = [record.name for record in lacking.feeding_connections(desk, account)]
	waiting = len(journal(desk).questions(account))
	return {"bank_account": account, "journal": True, "connections": connections, "questions": waiting}


METHODS: Mapping[str, Method] = {
	method.__name__: method
	for method in (
		account_review,
		*(explaining.explain_bank_transaction, explaining.explain_sync_line),
		*(undoing.run_review, undoing.undo_run),
		*(doubles.find_duplicates, doubles.merge_transactions, doubles.keep_both, doubles.delete_transaction),
		*(importing.preview_file, importing.import_file),
		*(previewing.preview_connection, previewing.apply_preview),
		*(asking.open_questions, asking.answer_question),
		*(lacking.find_missing, lacking.take_missing),
		*(proving.account_proof, proving.accept_difference),
		*(certifying.make_certificate, certifying.certificate_review),
	)
}
