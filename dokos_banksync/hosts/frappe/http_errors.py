"""Errors as the Desk shows them: a sentence, a code, a reference, and a status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

import frappe

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core import errors


class Refused(frappe.ValidationError):
	"""The request is invalid, or a setting or the bank does not allow it."""

	http_status_code = 422


class RefusedNow(frappe.ValidationError):
	"""Something else must happen first: a run must end, the user must sign in at the bank."""

	http_status_code = 409


class RefusedForTooMany(frappe.ValidationError):
	"""A limit of calls was reached: the same call works later."""

	http_status_code = 429


class RefusedByProvider(frappe.ValidationError):
	"""The provider failed."""

	http_status_code = 424


_KINDS: Mapping[int, type[frappe.ValidationError]] = {
	409: RefusedNow,
	429: RefusedForTooMany,
	502: RefusedByProvider,
	503: RefusedByProvider,
}
"""By the status of the error. The Desk adds texts of its own to 404 and 502; above 500 Frappe stores the values of all
variables. Such errors get another status, and all others 422."""


def must(doctype: str, right: str, name: str = "") -> None:
	"""Raises `frappe.PermissionError`, where Frappe's own way of throwing is another error in some versions."""
	if not frappe.has_permission(doctype, right, doc=name or None):
		frappe.throw(frappe._("Not permitted"), frappe.PermissionError)


def kind_of(error: errors.SyncError) -> type[frappe.ValidationError]:
	"""Return the kind of Frappe's error that an error of ours is raised as."""
	return _KINDS.get(error.http_status, Refused)


def refuse(error: errors.SyncError, translations: Translations) -> NoReturn:
	"""Raise it as Frappe's own kind of error; `code` and `reference` are in the answer by themselves too."""
	frappe.clear_messages()
	frappe.local.response.update({"code": error.code, "reference": error.reference})
	parts = (translations.error(error), error.code, error.reference)
	text = "<br>".join(frappe.utils.escape_html(part) for part in parts if part)
	frappe.throw(text, kind_of(error), title=translations("This could not be done"))
	raise AssertionError  # throw always raises
