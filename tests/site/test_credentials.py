"""The form of a Sync Provider: it asks for what each provider declares, and a secret never comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.calls import dotted
from tests.site.bench import Client, Site
from tests.site.conftest import Desk

PEM = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0LWtleQ==\nsecond-line\n-----END PRIVATE KEY-----"
KINDS: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
	"Bridge": ({"client_id": "id-bridge"}, {"client_secret": "hush-bridge"}),
	"Enable Banking": ({"application_id": "id-enable"}, {"private_key": PEM}),
	"GoCardless": ({"secret_id": "id-gocardless"}, {"secret_key": "hush-gocardless"}),
	"Plaid": ({"environment": "sandbox", "client_id": "id-plaid"}, {"client_secret": "hush-plaid"}),
	"Ponto": ({"client_id": "id-ponto"}, {"client_secret": "hush-ponto"}),
	"Powens": ({"domain": "acme-sandbox", "client_id": "id-powens"}, {"client_secret": "hush-powens"}),
	"Salt Edge": ({"app_id": "id-salt"}, {"client_secret": "hush-salt", "private_key": PEM}),
}
"""Of each kind: texts and secrets, as a user types them."""

_STORED = """
from dokos_banksync.hosts.frappe.ledger import FrappeLedger
kind, subscription = FrappeLedger().subscription(name)
raw = frappe.db.sql("SELECT password FROM `__Auth` WHERE doctype = 'Sync Provider' AND name = %s", name, pluck=True)
row = frappe.db.sql("SELECT * FROM `tabSync Provider` WHERE name = %s", name, as_dict=True)[0]
versions = frappe.get_all("Version", {"ref_doctype": "Sync Provider", "docname": name}, pluck="data")
answer = {
	"kind": kind, "texts": dict(subscription.texts), "row": frappe.as_json(row) + str(versions) + str(raw),
	"secrets": {field: one.reveal() for field, one in subscription.secrets.items() if one},
}
"""
_CLEAR = """
for name in frappe.get_all("Sync Provider", {"name": ("like", "BS key %")}, pluck="name"):
	frappe.delete_doc("Sync Provider", name, force=True)
"""


@pytest.fixture(scope="module")
def manager(site: Site) -> Iterator[Client]:
	if not site.answers():
		pytest.skip(f"NO WEB SERVER at {site.url}")
	yield site.client(site.user("key.manager@example.org", "Bank Sync Manager"))
	site.run(_CLEAR)


def add(manager: Client, kind: str, **entered: str) -> Any:
	doc = {"provider_name": f"BS key {uuid4().hex[:8]}", "provider_type": kind}
	return manager.post("/api/resource/Sync Provider", **doc, entered_credentials=json.dumps(entered))


def change(manager: Client, name: str, **values: str) -> Any:
	return manager.session.put(f"{manager.base}/api/resource/Sync Provider/{name}", json=values)


def stored(site: Site, name: str) -> Any:
	return site.run(_STORED, name=name)


def assert_kept_secret(found: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
	assert found["secrets"] == secrets
	for secret in secrets.values():
		assert secret.splitlines()[0] not in found["row"]


def test_every_kind_of_provider_is_tried(manager: Client) -> None:
	declared = manager.call(dotted("provider_fields")).json()["message"]
	assert set(declared) == set(KINDS)
	for kind, (texts, secrets) in KINDS.items():
		required = {field["name"] for field in declared[kind] if field["required"]}
		assert required <= {*texts, *secrets}, kind


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_entered_is_stored_encrypted_and_never_sent_back(
	manager: Client, site: Site, kind: str
) -> None:
	texts, secrets = KINDS[kind]
	made = add(manager, kind, **texts, **secrets)
	assert made.ok, made.text
	name = made.json()["data"]["name"]
	found = stored(site, name)
	assert (found["kind"], found["texts"]) == (kind, texts)
	assert_kept_secret(found, secrets)
	form = manager.call("frappe.desk.form.load.getdoc", doctype="Sync Provider", name=name)
	[doc] = form.json()["docs"]
	assert set(secrets) <= set(doc["__onload"]["stored_secrets"])
	listed = manager.get("/api/resource/Sync Provider", fields='["*"]')
	for answer in (made, form, listed, manager.get(f"/api/resource/Sync Provider/{name}")):
		assert not [secret for secret in secrets.values() if secret.splitlines()[0] in answer.text]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_left_empty_stays_and_what_is_entered_replaces(
	manager: Client, site: Site, kind: str
) -> None:
	texts, secrets = KINDS[kind]
	name = add(manager, kind, **texts, **secrets).json()["data"]["name"]
	empty = dict.fromkeys(secrets, "")
	assert change(manager, name, enabled="0", entered_credentials=json.dumps({**texts, **empty})).ok
	assert stored(site, name)["secrets"] == secrets
	assert change(manager, name, enabled="1").ok
	assert stored(site, name)["secrets"] == secrets
	one = next(iter(secrets))
	assert change(manager, name, entered_credentials=json.dumps({**texts, **empty, one: "renewed"})).ok
	assert stored(site, name)["secrets"] == {**secrets, one: "renewed"}
	moved = change(manager, name, base_url="https://elsewhere.example")
	assert moved.status_code == 417, moved.text
	assert "enter it again" in moved.text


def test_a_credential_that_is_missing_unknown_or_no_choice_is_refused(manager: Client, site: Site) -> None:
	for kind, entered, why in (
		("Bridge", {"client_id": "x"}, "Client secret"),
		("Enable Banking", {"private_key": PEM}, "Application ID"),
		("Bridge", {"client_id": "x", "client_secret": "hush", "colour": "blue"}, "colour"),
		("Plaid", {"environment": "moon", "client_id": "x", "client_secret": "hush"}, "moon"),
	):
		refused = add(manager, kind, **entered)
		assert refused.status_code in (417, 422), (kind, refused.text)
		assert why in refused.text
		assert "hush" not in refused.text
		assert "BEGIN PRIVATE" not in refused.text


@pytest.mark.parametrize("kind", KINDS)
def test_the_form_asks_for_what_the_kind_declares(desk: Desk, site: Site, kind: str) -> None:
	texts, secrets = KINDS[kind]
	name, page = f"BS key {uuid4().hex[:8]}", desk.page
	desk.open("sync-provider/new")
	page.locator("[data-fieldname=provider_name] input:visible").fill(name)
	page.locator("[data-fieldname=provider_type] select:visible").select_option(kind)
	keys = page.locator("[data-fieldname=credential_fields]:visible")
	for field, value in {**texts, **secrets}.items():
		control = keys.locator(f"[data-fieldname={field}]").locator("input, textarea, select").first
		expect(control).to_be_visible()
		if control.evaluate("one => one.tagName") == "SELECT":
			control.select_option(value)
		else:
			control.fill(value)
			control.blur()
	secret = keys.locator(f"[data-fieldname={next(iter(secrets))}]").locator("input, textarea").first
	multi_line = secret.evaluate("one => one.tagName") == "TEXTAREA"
	assert multi_line or secret.get_attribute("type") == "password"
	assert multi_line == ("\n" in next(iter(secrets.values())))
	page.get_by_role("button", name="Save", exact=True).first.click()
	page.wait_for_url(f"**/sync-provider/{name.replace(' ', '%20')}")
	page.reload()
	desk.open(f"sync-provider/{name}")
	expect(keys.locator("[data-fieldname]").first).to_be_visible()
	found = stored(site, name)
	assert found["texts"].items() >= texts.items()
	assert_kept_secret(found, secrets)
	held = page.content() + page.evaluate("JSON.stringify(cur_frm.doc)")
	assert not [one for one in secrets.values() if one.splitlines()[0] in held]
	assert not desk.troubles
