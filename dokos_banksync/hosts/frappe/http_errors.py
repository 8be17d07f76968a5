"""How the Desk is told that something could not be done: a sentence, a code, a reference, and a fitting status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import frappe

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core import errors


class Refused(frappe.ValidationError):
	"""What was asked makes no sense, or a setting or the bank is against it."""

	http_status_code = 422


class RefusedNow(frappe.ValidationError):
	"""Something else must happen first: a run must end, the person must sign in at the bank."""

	http_status_code = 409


class RefusedForTooMany(frappe.ValidationError):
	http_status_code = 429


class RefusedByProvider(frappe.ValidationError):
	"""The provider did not do its part."""

	http_status_code = 424


# Statuses that the Desk would add words of its own to (404, 502) are left out, and those above 500, for which
# Frappe keeps the values of all variables.
_KINDS: Sequence[tuple[type[errors.SyncError], type[frappe.ValidationError]]] = (
	(errors.Busy, RefusedNow),
	(errors.LoginRequired, RefusedNow),
	(errors.DuplicateConnection, RefusedNow),
	(errors.RateLimited, RefusedForTooMany),
	(errors.TemporaryError, RefusedByProvider),
	(errors.ProviderBug, RefusedByProvider),
)


def must(doctype: str, right: str, name: str = "") -> None:
	"""Raises `frappe.PermissionError`, where Frappe's own way of throwing is another error in some versions."""
	if not frappe.has_permission(doctype, right, doc=name or None):
		frappe.throw(frappe._("Not permitted"), frappe.PermissionError)


def kind_of(error: errors.SyncError) -> type[frappe.ValidationError]:
	return next((told for kind, told in _KINDS if isinstance(error, kind)), Refused)


def refuse(error: errors.SyncError, translations: Translations) -> NoReturn:
	"""Raise it as Frappe's own kind of error; `code` and `reference` are in the answer by themselves too."""
	frappe.clear_messages()
	frappe.local.response.update({"code": error.code, "reference": error.reference})
	parts = (translations.error(error), error.code, error.reference)
	told = "<br>".join(frappe.utils.escape_html(part) for part in parts if part)
	frappe.throw(told, kind_of(error), title=translations("This could not be done"))
	raise AssertionError  # throw always raises
