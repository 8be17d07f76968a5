"""The methods that a browser may call, by module and name: `dokos_banksync.api.<module>.<name>` on every host.

A Frappe site checks permissions in its `api` package; the standalone site serves the same paths from `METHODS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from dokos_banksync.actions import (
	accounts,
	categories,
	certificate,
	connections,
	dry_run,
	duplicates,
	explain,
	file_upload,
	institutions,
	missing,
	pictures,
	proof,
	providers,
	questions,
	quotas,
	signs,
	undo,
)
from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import RequestContext

Method: TypeAlias = Callable[[RequestContext, Arguments], object]

MODULES: Mapping[str, Sequence[Method]] = {
	"accounts": (accounts.account_choices, accounts.update_accounts, accounts.account_review),
	"categories": (categories.add_category, categories.rename_category, categories.delete_category),
	"certificates": (certificate.make_certificate, certificate.certificate_review),
	"connections": (
		*(connections.bank_state, institutions.institutions, institutions.institution_logos),
		*(
			connections.begin_connect,
			connections.begin_reconnect,
			connections.disconnect,
			connections.forget_connection,
		),
		connections.history,
		quotas.connection_quotas,
		*(connections.fetch_transactions, connections.run_updates, connections.fetch_accounts),
		*(dry_run.preview_connection, dry_run.apply_preview),
	),
	"duplicates": (
		*(duplicates.find_duplicates, duplicates.merge_transactions),
		*(duplicates.keep_both, duplicates.delete_transaction),
	),
	"files": (file_upload.preview_file, file_upload.import_file),
	"pictures": (pictures.account_pictures, pictures.picture_accounts),
	"proof": (proof.account_proof, proof.accept_difference),
	"providers": (providers.providers, providers.provider_fields, providers.check_provider),
	"review": (
		*(explain.explain_bank_transaction, explain.explain_sync_line),
		*(undo.run_review, undo.preview_undo, undo.undo_run),
		*(questions.open_questions, questions.answer_question),
		*(signs.reversed_signs, signs.correct_signs),
		*(missing.find_missing, missing.take_missing),
	),
}

METHODS: Mapping[str, Method] = {
	f"dokos_banksync.api.{module}.{method.__name__}": method
	for module, methods in MODULES.items()
	for method in methods
}
