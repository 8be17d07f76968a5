"""The Plaid items of ERPNext and Dokos: found, ended for the host's own synchronisation, and restored.

Both hosts store the access token in `Bank.plaid_access_token` and Plaid's account id in `Bank Account.integration_id`
(`erpnext/erpnext_integrations/doctype/plaid_settings`). Their hourly job, and Sync Now, read every Bank Account that has
an `integration_id`. Without it an account is left out, and all others go on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import frappe

from dokos_banksync.core.connection.takeover import EarlierAccount, EarlierConnection
from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.core.provider import Secret, Subscription
from dokos_banksync.core.subscription import ENVIRONMENT_CHOICES, stated_environment
from dokos_banksync.hosts.frappe.ledger import FrappeLedger, sql
from dokos_banksync.hosts.frappe.ledger.fields import has

BANK, ACCOUNT = "Bank", "Bank Account"
SETTINGS = "Plaid Settings"
TOKEN, ACCOUNT_ID = "plaid_access_token", "integration_id"
_NAME = "Plaid"
_COUNTRIES = {0: "US,CA", 1: "US,CA,FR,IE,NL,ES,GB"}
"""What the hosts ask Plaid for, by `enable_european_access`."""


def find(bank: str) -> EarlierConnection:
	"""Return the item of a Bank. Raises `NotFound` where the host holds none."""
	token = frappe.db.get_value(BANK, bank, TOKEN) if has(BANK, TOKEN) else None
	rows = frappe.get_all(
		ACCOUNT,
		filters={"bank": bank, ACCOUNT_ID: ("is", "set")},
		fields=["name", ACCOUNT_ID, "mask", "company"],
		order_by="name",
	)
	if not token or not rows:
		raise NotFound("{0} is not synchronised by Plaid here: connect it with Connect your bank", bank)
	companies = {row.company for row in rows}
	return EarlierConnection(
		bank=bank,
		grant=Secret(token),
		accounts=[EarlierAccount(row.name, row[ACCOUNT_ID], row.mask or "") for row in rows],
		company=companies.pop() or "" if len(companies) == 1 else "",
	)


def end(earlier: EarlierConnection) -> None:
	"""Take the token and the ids from the host's own synchronisation, and commit."""
	for one in earlier.accounts:
		frappe.db.set_value(ACCOUNT, one.bank_account, ACCOUNT_ID, None, update_modified=False)
	frappe.db.set_value(BANK, earlier.bank, TOKEN, None, update_modified=False)
	_forget(earlier.bank, [one.bank_account for one in earlier.accounts])


def restore(stored: str, token: Secret) -> None:
	"""Give the host's own synchronisation what `end` took, and commit. What was filled meanwhile stays.

	`stored` is what `core.connection.takeover.take_over` stored for the way back.
	"""
	known = json.loads(stored)
	ids: Mapping[str, str] = known["accounts"]
	for name, remote_id in ids.items():
		if not frappe.db.get_value(ACCOUNT, name, ACCOUNT_ID):
			frappe.db.set_value(ACCOUNT, name, ACCOUNT_ID, remote_id, update_modified=False)
	if not frappe.db.get_value(BANK, known["bank"], TOKEN):
		frappe.db.set_value(BANK, known["bank"], TOKEN, token.reveal(), update_modified=False)
	_forget(known["bank"], list(ids))


def _forget(bank: str, accounts: list[str]) -> None:
	"""Other processes read documents from a cache."""
	sql.commit()
	frappe.clear_document_cache(BANK, bank)
	for name in accounts:
		frappe.clear_document_cache(ACCOUNT, name)


def has_keys() -> bool:
	"""Return whether Plaid Settings hold keys that could be used here."""
	if not frappe.db.exists("DocType", SETTINGS):
		return False
	return bool(frappe.db.get_single_value(SETTINGS, "plaid_client_id"))


def add_provider(ledger: FrappeLedger) -> str:
	"""Create a Sync Provider with the keys of Plaid Settings, and return its name. Plaid Settings stay as they are.

	Raises `InvalidData` where there are no keys, or where they are of an environment that Plaid has closed.
	"""
	settings = frappe.get_single(SETTINGS) if has_keys() else None
	secret = settings.get_password("plaid_secret", raise_exception=False) if settings else ""
	if settings is None or not secret:
		raise InvalidData("Plaid Settings hold no keys: add a Sync Provider of type Plaid")
	if settings.plaid_env not in ENVIRONMENT_CHOICES:
		raise InvalidData(
			"Plaid has closed its environment {0}: add a Sync Provider with keys of production",
			settings.plaid_env,
		)
	name = next(
		one for one in (_NAME, f"{_NAME} (2)", f"{_NAME} (3)") if not frappe.db.exists("Sync Provider", one)
	)
	texts = {
		"client_id": settings.plaid_client_id,
		"environment": settings.plaid_env,
		"countries": _COUNTRIES[int(bool(settings.enable_european_access))],
	}
	ledger.add_provider(
		"Plaid",
		Subscription(name, texts, {"client_secret": Secret(secret)}),
		stated_environment({"environment": settings.plaid_env}),
	)
	return name
