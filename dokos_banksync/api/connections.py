"""What a browser may call. Each call checks the right that it needs; what is answered is `desk.answers`.

Read-only calls may come by any method. What writes, or makes a provider work, is a POST.
"""

from __future__ import annotations

from typing import Any

import frappe
from werkzeug.wrappers import Response

from dokos_banksync.actions import handlers
from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.core.errors import SyncError
from dokos_banksync.hosts.frappe import callback_page
from dokos_banksync.hosts.frappe.context import FrappeContext, must_see_bank
from dokos_banksync.hosts.frappe.http_errors import must, refuse

_CATEGORY = "Bank Transaction Category"
_CONNECTION = "Sync Connection"


@frappe.whitelist()
def bank_state(bank: str, arrival: str = "") -> dict[str, Any]:
	return answer(handlers.bank_state, "read", bank=bank, arrival=arrival)


@frappe.whitelist()
def providers() -> dict[str, Any]:
	return answer(handlers.providers, "create")


@frappe.whitelist(methods=["POST"])
def institutions(provider: str, search: str = "", country: str = "") -> dict[str, Any]:
	return answer(handlers.institutions, "create", provider=provider, search=search, country=country)


@frappe.whitelist(methods=["POST"])
def check_provider(provider: str) -> dict[str, Any]:
	return answer(handlers.check_provider, "write", "Sync Provider", provider=provider)


@frappe.whitelist(methods=["POST"])
def begin_connect(
	bank: str, provider: str, institution_id: str, email: str = "", company: str = ""
) -> dict[str, Any]:
	given = {"bank": bank, "provider": provider, "institution_id": institution_id}
	return answer(_begin_connect, "create", **given, email=email, company=company)


def _begin_connect(desk: FrappeContext, given: Arguments) -> object:
	must_see_bank(given.text("bank"))
	return handlers.begin_connect(desk, given)


@frappe.whitelist(methods=["POST"])
def begin_reconnect(connection: str) -> dict[str, Any]:
	return answer(handlers.begin_reconnect, "write", connection=connection)


@frappe.whitelist()
def account_choices(bank: str) -> dict[str, Any]:
	return answer(handlers.account_choices, "write", bank=bank)


@frappe.whitelist(methods=["POST"])
def update_accounts(bank: str, choices: str) -> dict[str, Any]:
	return answer(handlers.update_accounts, "write", bank=bank, choices=choices)


@frappe.whitelist(methods=["POST"])
def fetch_transactions(bank: str = "", connection: str = "") -> dict[str, Any]:
	"""Whoever sees a connection may have it fetched: the schedule does the same."""
	return answer(handlers.fetch_transactions, "read", bank=bank, connection=connection)


@frappe.whitelist()
def run_news(connections: str) -> list[dict[str, Any]]:
	return answer(handlers.run_news, "read", connections=connections)


@frappe.whitelist(methods=["POST"])
def fetch_accounts(connection: str) -> dict[str, Any]:
	return answer(handlers.fetch_accounts, "write", connection=connection)


@frappe.whitelist(methods=["POST"])
def disconnect(connection: str) -> dict[str, Any]:
	return answer(handlers.disconnect, "write", connection=connection)


@frappe.whitelist(methods=["POST"])
def add_category(category_name: str, parent: str = "") -> str:
	given = {"category_name": category_name, "parent": parent}
	return answer(handlers.add_category, "create", _CATEGORY, **given)


@frappe.whitelist(methods=["POST"])
def rename_category(category: str, category_name: str) -> None:
	given = {"category": category, "category_name": category_name}
	return answer(handlers.rename_category, "write", _CATEGORY, **given)


@frappe.whitelist(methods=["POST"])
def delete_category(category: str) -> None:
	return answer(handlers.delete_category, "delete", _CATEGORY, category=category)


@frappe.whitelist(allow_guest=True, methods=["GET"])
def callback(**_given: object) -> Response:
	"""Where providers send people back to. Guests get a page that asks them to log in."""
	return callback_page.receive()


def answer(method: handlers.Method, right: str, doctype: str = _CONNECTION, /, **given: str) -> Any:
	"""What the method answers to a person who has the right on the doctype."""
	frappe.local.flags.disable_traceback = True  # what goes wrong is in the log
	must(doctype, right)
	desk = FrappeContext(right)
	try:
		return method(desk, Arguments(given))
	except SyncError as error:
		refused = error
	refuse(refused, desk.translations)
