"""What a user enters into the form of a subscription: the credentials that its provider declares.

A secret is stored encrypted and never sent back, and goes to no address that its owner did not give it for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import frappe
from frappe import _
from frappe.utils.password import set_encrypted_password

from dokos_banksync.actions.credentials import changed_subscription, new_subscription
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core.errors import SyncError
from dokos_banksync.core.provider import Secret, Subscription
from dokos_banksync.core.subscription import stated_environment
from dokos_banksync.hosts.frappe.http_errors import refuse
from dokos_banksync.hosts.frappe.ledger.providers import password_field, stored_secrets
from dokos_banksync.hosts.frappe.ledger.secret_store import forget_all
from dokos_banksync.providers.registry import provider_class

ENTERED = "entered_credentials"
"""What a form sends beside the fields of the document: a JSON object of credentials by name. It is not a field, so it
is not stored."""

_WHERE = ("base_url", "provider_type")
_ACCESS = (*_WHERE, "client_id", "credentials")


def take_credentials(doc: Any) -> None:
	"""Set the fields of a document from the credentials that were entered; secrets wait for `store_secrets`.

	An empty secret leaves the stored one unchanged; an empty text is removed. Raises Frappe's kind of error for a
	credential that is missing, unknown or not among its choices.
	"""
	entered = doc.__dict__.pop(ENTERED, None)
	if entered is None:
		return
	subscription = _subscription(doc, _read(entered))
	texts = {**subscription.texts}
	doc.credentials = json.dumps(texts)
	doc.client_id = texts.get("client_id", "")
	doc.environment = stated_environment(texts) or doc.environment
	doc.flags.entered_secrets = dict(subscription.secrets)
	if "client_secret" in subscription.secrets:
		doc.client_secret = subscription.secrets["client_secret"].reveal()


def _read(entered: object) -> dict[str, str]:
	try:
		values = json.loads(entered) if isinstance(entered, str) else entered
	except ValueError:
		values = None
	if isinstance(values, dict):
		return {str(name): str(value or "") for name, value in values.items()}
	raise frappe.ValidationError(_("The credentials cannot be read: open the form again"))


def _subscription(doc: Any, values: Mapping[str, str]) -> Subscription:
	"""Return what was entered, checked. What is stored need not be entered again."""
	name, kind, address = doc.provider_name or "", doc.provider_type or "", doc.base_url or ""
	stored = dict.fromkeys(_stored(doc), "stored")
	try:
		new_subscription(name, kind, {**stored, **{field: value for field, value in values.items() if value}})
		return changed_subscription(name, kind, values, address)
	except SyncError as error:
		refused = error
	refuse(refused, Translations((frappe.local.lang or "en").partition("-")[0]))


def _stored(doc: Any) -> set[str]:
	"""Return the declared secrets of the document's type that are stored for it."""
	try:
		fields = provider_class(doc.provider_type or "").credential_fields
	except SyncError:
		return stored_secrets(doc.name)
	return stored_secrets(doc.name) & {field.name for field in fields}


def require_secrets_for_new_address(doc: Any) -> None:
	"""Require the secrets again where they would go to another address. What the old keys gave access to is forgotten."""
	before = doc.get_doc_before_save()
	if not before:
		return
	entered = set(_entered_secrets(doc))
	if doc.client_secret and not doc.is_dummy_password(doc.client_secret):
		entered.add("client_secret")
	if _differ(doc, before, _WHERE) and not _stored(doc) <= entered:
		frappe.throw(_("The secret would go to another address from now on: enter it again"))
	if entered or _differ(doc, before, _ACCESS):
		forget_all(doc.name)


def store_secrets(doc: Any) -> None:
	"""Store the secrets that were entered, encrypted; `client_secret` is a field that Frappe has stored itself."""
	for name, secret in _entered_secrets(doc).items():
		if name != "client_secret":
			set_encrypted_password(doc.doctype, doc.name, secret.reveal(), password_field(name))
	doc.flags.entered_secrets = None


def show_stored(doc: Any) -> None:
	"""Send the form the names of the stored secrets."""
	doc.set_onload("stored_secrets", sorted(_stored(doc)))


def _entered_secrets(doc: Any) -> Mapping[str, Secret]:
	return doc.flags.entered_secrets or {}


def _differ(doc: Any, before: Any, fields: tuple[str, ...]) -> bool:
	return any((doc.get(name) or "") != (before.get(name) or "") for name in fields)
