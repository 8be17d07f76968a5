"""Statement files."""

from __future__ import annotations

import frappe

from dokos_banksync.api.permitted import answer, decide


@frappe.whitelist(methods=["POST"])
def preview_file(
	bank_account: str,
	file_name: str,
	content: str,
	account: str = "",
	columns: str = "",
	dates: str = "",
	decimal: str = "",
	sign: str = "",
	sheet: str = "",
	accept_mismatches: str = "",
	background: str = "",
) -> object:
	"""Return how a statement file (base64) is read and what its import would do."""
	_exclude_from_error_logs()
	given = {"bank_account": bank_account, "file_name": file_name, "content": content, "account": account}
	given |= {"columns": columns, "dates": dates, "decimal": decimal, "sign": sign, "sheet": sheet}
	given["background"] = background
	return answer("files.preview_file", "read", **given, accept_mismatches=accept_mismatches)


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
	sign: str = "",
	sheet: str = "",
	accept_mismatches: str = "",
	leave_out: str = "",
	background: str = "",
) -> object:
	"""Import a statement file exactly as the preview with this key showed it."""
	_exclude_from_error_logs()
	given = {"bank_account": bank_account, "file_name": file_name, "content": content, "account": account}
	given |= {"columns": columns, "dates": dates, "decimal": decimal, "sign": sign, "sheet": sheet}
	given["background"] = background
	given["accept_mismatches"] = accept_mismatches
	return decide("files.import_file", **given, key=key, leave_out=leave_out)


def _exclude_from_error_logs() -> None:
	"""Frappe 16 stores the arguments of a request with an unexpected error: a file must not be among them."""
	frappe.form_dict.pop("content", None)
