"""Pages and forms beside the journey: banks, providers, languages."""

from __future__ import annotations

import re
import time
from http import HTTPStatus
from zoneinfo import ZoneInfo

import pytest

from dokos_banksync.actions.file_import import ImportOptions, prepare, take
from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.hosts.standalone.site import Site
from tests.hosts.standalone.web.conftest import BANK, PROVIDER, Visitor, connected

SECRET = "sandbox_secret_of_somebody"


def new_provider(visitor: Visitor, **changed: str) -> object:
	form = {
		"provider_name": "Second",
		"provider_type": "Bridge",
		"environment": "Sandbox",
		"client_id": "sandbox_id",
		"client_secret": SECRET,
		"base_url": "",
		**changed,
		"csrf_token": visitor.csrf_token,
	}
	return visitor.post("/new/sync-provider", data=form)


def test_a_bank_is_added_and_opened(visitor: Visitor, site: Site) -> None:
	answer = visitor.post("/bank", data={"bank_name": "Crédit / Mutuel", "csrf_token": visitor.csrf_token})
	assert answer.status_code == HTTPStatus.SEE_OTHER
	page = visitor.get(answer.headers["Location"])
	assert page.ok
	assert "Crédit / Mutuel" in page.text
	assert "Crédit / Mutuel" in site.ledger.banks()


def test_a_bank_without_a_name(visitor: Visitor) -> None:
	"""The sentence stands above the form, which can be filled again at once."""
	answer = visitor.post("/bank", data={"bank_name": " ", "csrf_token": visitor.csrf_token})
	assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
	assert "The bank has no name: give it one" in answer.text
	assert 'name="bank_name"' in answer.text


def test_a_list_without_a_filter_says_how_to_begin(visitor: Visitor) -> None:
	assert "No bank transaction yet: connect a bank" in visitor.get("/bank-transaction").text
	filtered = visitor.get("/bank-transaction?search=nothing").text
	assert "No bank transaction matches." in filtered
	assert "No bank transaction yet" not in filtered


def test_a_history_without_a_run_has_no_totals(visitor: Visitor) -> None:
	page = visitor.get("/sync-run").text
	assert "No run yet." in page
	assert 'class="totals"' not in page


def test_the_history_says_what_a_run_did_not_import(visitor: Visitor, site: Site) -> None:
	site.ledger.add_bank_account("Current", BANK, "EUR", "")
	table = b"Date;Label;Amount\n2026-11-02;RENT;-850.00\n31/02/2026;BAD;-3\n"
	take(
		site.ledger, prepare(site.ledger, "Current", "november.csv", table, ImportOptions()), clock=site.clock
	)
	[row] = re.findall(
		r"<tr>\s*<td class=\"day stack-title.*?</tr>", visitor.get("/sync-run").text, re.DOTALL
	)
	assert "Partial" in row
	assert re.search(r'data-label="Bank or action">File november.csv<', row)
	assert re.search(r'data-label="Remark">1 refused<', row)


def test_a_provider_is_added_and_its_secret_never_comes_back(visitor: Visitor, site: Site) -> None:
	answer = new_provider(visitor)
	assert answer.status_code == HTTPStatus.SEE_OTHER  # type: ignore[attr-defined]
	assert site.ledger.subscription("Second")[1].secret("client_secret").reveal() == SECRET
	for path in ("/sync-provider", "/sync-provider/Second", "/new/sync-provider"):
		assert SECRET not in visitor.get(path).text


def test_the_page_of_a_provider_says_where_webhooks_go_and_which_secrets_are_stored(
	visitor: Visitor, site: Site
) -> None:
	new_provider(visitor, provider_name="A / B")
	page = visitor.get("/sync-provider/A%20%2F%20B").text
	assert "/banksync/webhook/A%20%2F%20B</dd>" in page
	assert page.count("Kept encrypted, never shown") == 1
	site.ledger.set_webhook_secret("A / B", "hook-secret")
	page = visitor.get("/sync-provider/A%20%2F%20B").text
	assert page.count("Kept encrypted, never shown") == 2
	assert "hook-secret" not in page
	site.add_provider("Card", "GoCardless", {"secret_id": "x", "secret_key": "y"})
	page = visitor.get("/sync-provider/Card").text
	assert "/banksync/webhook/" not in page, "GoCardless sends none"
	assert "Client secret" not in page
	assert "Secret key" in page


def test_the_webhook_secret_is_set_on_the_page_and_an_empty_field_keeps_it(
	visitor: Visitor, site: Site
) -> None:
	new_provider(visitor)
	assert 'name="webhook_secret"' in visitor.get("/sync-provider/Second").text
	for entered in ("old-hook new-hook", ""):
		form = {"client_id": "id-2", "webhook_secret": entered, "csrf_token": visitor.csrf_token}
		visitor.post("/sync-provider/Second", data=form)
		kept = [one.reveal() for one in site.ledger.subscription("Second")[1].webhook_secrets]
		assert kept == ["old-hook", "new-hook"]
	assert "old-hook" not in visitor.get("/sync-provider/Second").text


def test_a_provider_without_webhook_secrets_takes_none(visitor: Visitor, site: Site) -> None:
	site.add_provider("Card", "GoCardless", {"secret_id": "x", "secret_key": "y"})
	assert 'name="webhook_secret"' not in visitor.get("/sync-provider/Card").text
	visitor.post("/sync-provider/Card", data={"webhook_secret": "hook", "csrf_token": visitor.csrf_token})
	assert site.ledger.subscription("Card")[1].webhook_secrets == []


@pytest.mark.parametrize(
	("changed", "message"),
	[
		({"provider_name": ""}, "is empty"),
		({"client_secret": ""}, "is empty"),
		({"provider_name": PROVIDER}, "already"),
		({"base_url": "nonsense"}, "base URL"),
	],
)
def test_a_refused_provider_keeps_what_was_typed_but_the_secret(
	visitor: Visitor, site: Site, changed: dict[str, str], message: str
) -> None:
	answer = new_provider(visitor, **changed)
	assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY  # type: ignore[attr-defined]
	assert message in answer.text  # type: ignore[attr-defined]
	assert 'value="sandbox_id"' in answer.text  # type: ignore[attr-defined]
	assert SECRET not in answer.text  # type: ignore[attr-defined]
	assert [row["name"] for row in site.ledger.providers()] == [PROVIDER]


def test_the_language_of_the_browser_then_the_one_chosen(visitor: Visitor) -> None:
	french = {"Accept-Language": "fr-FR,fr;q=0.9"}
	page = visitor.get("/bank", headers=french)
	assert '<html lang="fr">' in page.text
	assert "Ajouter une banque" in page.text
	assert visitor.get("/bank?lang=en", headers=french).headers["Location"].endswith("/bank")
	assert '<html lang="en">' in visitor.get("/bank", headers=french).text
	refused = visitor.call("bank_state", bank="")
	assert refused.json()["message"] == "bank is missing"


def test_the_login_page_is_in_french(outsider: Visitor) -> None:
	page = outsider.get("/bank", headers={"Accept-Language": "fr"})
	assert page.status_code == HTTPStatus.FORBIDDEN
	assert "Vous n’êtes pas connecté" in page.text


def test_phrases_for_scripts(outsider: Visitor) -> None:
	script = outsider.get("/phrases/fr.js")
	assert script.headers["Content-Type"].startswith("text/javascript")
	assert "Connecter votre banque" in script.text
	assert outsider.get("/phrases/en.js").text == "window.desk_phrases = {};\n"


@pytest.mark.parametrize("status", ConnectionStatus)
def test_each_state_of_a_connection_has_a_row_and_a_page(
	visitor: Visitor, site: Site, status: ConnectionStatus
) -> None:
	from dataclasses import replace

	record = site.ledger.add_connection(BANK, PROVIDER, "601")
	site.ledger.save_connection(
		replace(record, status=status, status_message="The bank was not connected. Try again.")
	)
	for path in ("/sync-connection", f"/sync-connection/{record.name}"):
		page = visitor.get(path)
		assert page.ok
		assert status.value in page.text
	assert (
		"La banque n’a pas été connectée."
		in visitor.get("/sync-connection", headers={"Accept-Language": "fr"}).text
	)


def test_banks_show_their_worst_and_best_states(visitor: Visitor, site: Site) -> None:
	site.ledger.add_connection(BANK, PROVIDER, "601")
	page = visitor.get("/bank").text
	assert "Connecting" in page
	assert "Not connected" not in page


def test_a_bank_shows_its_closed_accounts_and_is_not_offered_for_removal(
	visitor: Visitor, site: Site
) -> None:
	assert "Remove the bank" in visitor.get(f"/bank/{BANK}").text
	site.ledger.add_bank_account("Old / one", BANK, "EUR")
	site.ledger.close_bank_account("Old / one")
	page = visitor.get(f"/bank/{BANK}").text
	assert "Remove the bank" not in page, "it would be refused"
	assert "Closed bank accounts" in page
	assert 'href="/bank-account/Old%20/%20one">Old / one</a>' in page


@pytest.mark.parametrize(
	("path", "leads_to"),
	[
		("/bank-account/Nowhere", "/bank-account"),
		("/bank-transaction?from=2026-02-01&to=2026-01-31", "/bank-transaction"),
		("/sync-line/SL1", "/bank-transaction"),
		("/sync-run/SYNC-RUN-9", "/sync-run"),
		("/nowhere/at/all", "/bank"),
	],
)
def test_a_failure_leads_back_to_the_list(visitor: Visitor, path: str, leads_to: str) -> None:
	page = visitor.get(path)
	assert page.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)
	links = re.findall(r'<a class="btn[^>]* href="([^"]+)"', page.text)
	assert links == list(dict.fromkeys([leads_to, "/bank"]))


def test_scripts_get_instants_in_the_time_zone_of_the_pages(
	visitor: Visitor, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
	monkeypatch.setenv("TZ", "America/New_York")
	time.tzset()
	try:
		name = connected(site)
		ledger = site.ledger
		record = ledger.connection(name)
		shown = visitor.message("bank_state", bank=BANK)["connections"]
		assert record.consent_expires_at is not None
		there = record.consent_expires_at.astimezone(ZoneInfo("America/New_York"))
		assert shown[0]["consent_expires_at"] == f"{there:%Y-%m-%dT%H:%M:%S}"
		assert f"{there:%H:%M}" in visitor.get(f"/sync-connection/{name}").text
	finally:
		monkeypatch.undo()
		time.tzset()
