"""What a person may change of a subscription: a secret goes to no address that its owner did not give it for."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _

from dokos_banksync.hosts.frappe.ledger.secret_store import forget_all

_WHERE = ("base_url", "provider_type")
_ACCESS = (*_WHERE, "client_id")


def keep_the_secret(doc: Any) -> None:
	"""Whoever sends the secret somewhere else must know it. What the old keys gave access to is forgotten."""
	before = doc.get_doc_before_save()
	if not before:
		return
	entered = bool(doc.client_secret) and not doc.is_dummy_password(doc.client_secret)
	if _differ(doc, before, _WHERE) and not entered:
		frappe.throw(_("The secret would go to another address from now on: enter it again"))
	if entered or _differ(doc, before, _ACCESS):
		forget_all(doc.name)


def _differ(doc: Any, before: Any, fields: tuple[str, ...]) -> bool:
	return any((doc.get(name) or "") != (before.get(name) or "") for name in fields)
