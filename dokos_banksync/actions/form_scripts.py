"""Which form scripts run where: the hooks of the app on a Frappe site, and the pages of the standalone site.

They are listed one by one, not bundled: Frappe reads the scripts of `doctype_js` from the app's folder and joins them
into the form's definition, so a fresh install works before any `bench build`, and a form loads only what it uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_BASE = (
	*(
		"shared/once.js",
		"shared/state_table.js",
		"shared/states.js",
		"shared/calls.js",
		"shared/run_updates.js",
	),
	"shared/jobs.js",
)
_PLAN = ("shared/tables.js", "review/plan.js")
_CONNECT = (
	*_BASE,
	"connect/institutions.js",
	"connect/connect_dialog.js",
	"connect/account_rows.js",
	"connect/accounts_dialog.js",
)
_EXPLAIN = (*_BASE, "shared/tables.js", "review/explain.js")
_UNDO = (*_EXPLAIN, "review/undo.js")
_PICTURES = (
	*("shared/once.js", "shared/tables.js"),
	"review/coverage.js",
	"review/balance_picture.js",
	"review/day_pictures.js",
	"review/pictures.js",
)
_REVIEW = (
	*(
		*_UNDO,
		"review/duplicates.js",
		"review/missing.js",
		"review/proof.js",
		"review/questions.js",
		"review/signs.js",
	),
	*_PICTURES,
	*("review/certificate.js", "review/plan.js", "review/reading.js", "review/import.js"),
)

FORM: Mapping[str, Sequence[str]] = {
	"Bank": (*_CONNECT, *_PLAN, "bank/form.js"),
	"Bank Account": (*_REVIEW, "bank_account/form.js"),
	"Bank Transaction": (*_EXPLAIN, "bank_transaction/form.js"),
	"Sync Certificate": (*_BASE, "shared/tables.js", "sync_certificate/form.js"),
	"Sync Connection": (*_CONNECT, *_PLAN, "sync_connection/form.js"),
	"Sync Line": (*_EXPLAIN, "sync_line/form.js"),
	"Sync Provider": ("shared/once.js", "sync_provider/form.js"),
	"Sync Run": (*_UNDO, "sync_run/form.js"),
}
"""By doctype, in loading order; paths below `public/js`."""

LIST: Mapping[str, Sequence[str]] = {
	"Bank Transaction": (*_BASE, "bank_transaction/list.js"),
	"Sync Connection": (*_CONNECT, "sync_connection/list.js"),
}

_STYLE = "shared/desk_style.js"

DESK_FORM: Mapping[str, Sequence[str]] = {
	"Bank": (_STYLE, "bank/desk_form.js"),
	"Bank Account": (_STYLE, "bank_account/desk_form.js"),
	"Sync Certificate": (_STYLE, "sync_certificate/desk_form.js"),
	"Sync Connection": (_STYLE, "sync_connection/desk_form.js"),
	"Sync Journal Entry": (*_BASE, "sync_journal_entry/desk_form.js"),
	"Sync Line": ("sync_line/desk_form.js",),
	"Sync Provider": (_STYLE, "sync_provider/desk_form.js"),
	"Sync Run": (_STYLE, "sync_run/desk_form.js"),
}
"""For a Frappe Desk alone: the standalone site renders the same on the server."""

DESK_LIST: Mapping[str, Sequence[str]] = {
	"Bank Transaction": ("shared/desk_lists.js", "bank_transaction/desk_list.js"),
	"Sync Connection": (_STYLE,),
	"Sync Coverage": (_STYLE, *_PICTURES, "workspace/pictures.js"),
	"Sync Line": (
		"shared/state_table.js",
		"shared/states.js",
		"shared/desk_lists.js",
		"sync_line/desk_list.js",
	),
	"Sync Provider": ("sync_provider/desk_list.js",),
	"Sync Run": ("shared/state_table.js", "shared/calls.js", "shared/desk_lists.js", "sync_run/desk_list.js"),
}


def hook(*tables: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
	"""Return the tables as the value of a `doctype_js` or `doctype_list_js` hook."""
	found: dict[str, list[str]] = {}
	for table in tables:
		for doctype, names in table.items():
			found.setdefault(doctype, []).extend(f"public/js/{name}" for name in names)
	return found
