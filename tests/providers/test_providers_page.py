"""The table of `docs/providers.md`: each "yes" is held by tests that exist, each "no" has its reason."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest
import requests

from dokos_banksync.actions.i18n import Translations, load
from dokos_banksync.actions.providers import choice_label
from dokos_banksync.providers.registry import provider_class
from dokos_banksync.sandbox.bridge.simulations import SIMULATIONS
from dokos_banksync.sandbox.faults import Fault
from tests.providers.bad_input import PROVIDERS as BAD_PROVIDERS
from tests.providers.every_provider import serving

ROOT = Path(__file__).parent.parent.parent
PROVIDERS = ("bridge", "enable-banking", "gocardless", "plaid", "ponto", "powens", "salt-edge")
BRIDGE, EB, GC, PLAID, PONTO, POWENS, SALT = PROVIDERS
FOLDERS = dict(
	zip(
		PROVIDERS,
		("bridge", "enable_banking", "gocardless", "plaid", "ponto", "powens", "salt_edge"),
		strict=True,
	)
)
CONTRACT = {
	BRIDGE: "TestBridge", EB: "TestEnableBanking", GC: "TestGoCardless", PLAID: "TestPlaid", PONTO: "TestPontoConnect",
	POWENS: "TestPowens", SALT: "TestSaltEdge",
}  # fmt: skip
Tests = Mapping[str, Sequence[str]]


def contract(*names: str) -> Tests:
	"""Tests of the contract suite, which every provider passes."""
	return {
		one: [f"tests/providers/{FOLDERS[one]}/test_contract.py::{CONTRACT[one]}::{name}" for name in names]
		for one in PROVIDERS
	}


def each(file: str, *names: str, but: Sequence[str] = ()) -> Tests:
	"""Tests with a case for every provider, or for all but a few."""
	return {one: [f"{file}::{name} {one}" for name in names] for one in PROVIDERS if one not in but}


def own(tests: Mapping[str, str]) -> Tests:
	"""Tests of the providers themselves: `module::test`, below their folder."""
	return {
		one: [f"tests/providers/{FOLDERS[one]}/{name}" for name in names.split(" ")]
		for one, names in tests.items()
	}


def both(*parts: Tests) -> Tests:
	"""Put the tests of each provider together."""
	return {
		one: [test for part in parts for test in part.get(one, ())]
		for one in PROVIDERS
		if any(one in p for p in parts)
	}


BROWSER = {
	**each(
		"tests/browser/test_every_provider.py", "test_from_the_first_click_to_the_disconnection", but=[BRIDGE]
	),
	BRIDGE: ["tests/browser/test_journey.py::test_from_the_first_click_to_the_transactions"],
}
CONNECTIONS, BAD_INPUT = "tests/providers/test_connections.py", "tests/providers/test_bad_input.py"
PROOFS: Mapping[str, Tests] = {
	"institutions": contract("test_institutions", "test_search_finds_a_name_in_other_letters", "test_a_country"),
	"connecting": contract("test_a_consent", "test_giving_up", "test_a_return_proves_nothing"),
	"update mode": contract("test_a_consent_ends_and_is_renewed", "test_a_consent_is_renewed_early"),
	"new accounts": both(
		each(CONNECTIONS, "test_an_account_that_is_shared_later_is_offered_and_disturbs_none", but=[PLAID]),
		own({PLAID: "test_provider.py::TestConnecting::test_accounts_may_be_added_where_plaid_offers_it"}),
	),
	"several connections at one bank": each(CONNECTIONS, "test_two_logins_at_one_bank_are_two_connections"),
	"both balances": own({
		BRIDGE: "test_reading.py::test_an_account",
		EB: "test_reading.py::test_both_balances",
		GC: "test_reading.py::test_accounts_with_both_balances",
		PLAID: "test_reading.py::TestAccounts::test_the_rest_of_an_account",
		PONTO: "test_parts.py::test_an_account_with_both_balances",
		POWENS: "test_reading.py::test_balances_with_and_without_what_is_coming",
		SALT: "test_reading.py::TestAccounts::test_an_account",
	}),
	"longest history": own({
		BRIDGE: "test_transactions.py::test_a_first_read_takes_all_of_each_account_alone",
		EB: "test_reading.py::test_the_first_fetch_takes_the_whole_history",
		GC: "test_connecting.py::test_the_longest_history_and_access_are_agreed_on",
		PLAID: "test_provider.py::TestConnecting::test_the_longest_history_is_asked_for",
		PONTO: "test_reading.py::test_the_whole_history",
		POWENS: "test_reading.py::test_a_history_that_arrives_after_the_first_fetch",
		SALT: "test_provider.py::TestConnecting::test_the_longest_history_and_consent_are_asked_for",
	}),
	"late, changed and removed rows": contract("test_later_fetches_bring_all_changes", "test_the_same_twice_is_harmless"),
	"pending rows": own({
		BRIDGE: "test_transactions.py::test_states",
		EB: "test_reading.py::test_the_whole_pending_set_comes_each_time",
		GC: "test_reading.py::test_pending_rows_are_replaced_as_a_whole",
		PLAID: "test_provider.py::TestReading::test_pending_rows_are_replaced_by_booked_ones",
		PONTO: "test_reading.py::test_the_whole_pending_set_comes_each_time",
		POWENS: "test_reading.py::test_a_row_that_was_coming_is_booked_under_its_id",
		SALT: "test_provider.py::TestReading::test_pending_rows_keep_their_ids_here",
	}),
	"categories": own({
		BRIDGE: "test_reading.py::test_a_tree",
		PLAID: "test_reading.py::TestCategories::test_the_tree",
		POWENS: "test_parts.py::test_categories_by_group_and_code",
		SALT: "test_reading.py::TestCategories::test_each_code_comes_once_under_its_first_group",
	}),
	"refresh on demand": own({
		PLAID: "test_provider.py::TestRefresh::test_it_brings_what_is_new",
		PONTO: "test_reading.py::test_a_refresh_reads_the_bank_now",
		POWENS: "test_reading.py::test_the_bank_is_read_again_for_a_user_who_waits_only",
		SALT: "test_provider.py::TestRefresh::test_the_limit_is_known_before_it_is_hit",
	}),
	"limits": own({
		BRIDGE: "test_contract.py::TestBridgeWithLimits::test_limits_are_never_hit",
		EB: "test_reading.py::test_four_fetches_a_day_and_the_bank_is_not_asked_a_fifth_time",
		GC: "test_reading.py::test_the_fifth_reading_of_a_day_is_not_made_and_says_when",
		PLAID: "test_contract.py::TestPlaidWithLimits::test_limits_are_never_hit",
		PONTO: "test_reading.py::test_a_refresh_too_soon_asks_for_nothing_and_says_when",
		POWENS: "test_reading.py::test_a_sandbox_domain_is_called_thirty_times_a_minute_at_most",
		SALT: "test_provider.py::TestRefresh::test_the_limit_is_known_before_it_is_hit",
	}),
	"webhooks": own({
		BRIDGE: "test_webhooks.py::test_a_signature test_webhooks.py::test_a_changed_body",
		PLAID: "test_webhooks.py::test_a_token_signed_by_another_program test_webhooks.py::test_other_algorithms_are_not_taken",
		PONTO: "test_webhook_signature.py::test_a_call_that_is_signed test_webhook_signature.py::test_claims_that_are_not_right",
		POWENS: "test_parts.py::test_a_signature_that_was_made_elsewhere test_parts.py::test_a_call_that_is_too_old_is_refused",
		SALT: "test_signing.py::test_a_callback_is_checked_with_its_address_and_its_raw_body",
	}),
	"revoke": both(contract("test_the_end"), each(BAD_INPUT, "test_access_that_was_ended_elsewhere")),
	"documented errors": own({
		BRIDGE: "test_client.py::test_statuses test_reading.py::test_every_status",
		EB: "test_errors.py::test_each_code_needs_one_reaction",
		GC: "test_parts.py::test_each_error_names_its_reaction",
		PLAID: "test_reading.py::TestErrors::test_each_code_has_its_reaction",
		PONTO: "test_parts.py::test_errors_of_the_api test_parts.py::test_why_a_synchronization_failed",
		POWENS: "test_parts.py::test_each_error_names_its_reaction test_parts.py::test_each_state_asks_for_its_step",
		SALT: "test_reading.py::TestErrors::test_each_class_has_its_reaction",
	}),
	"bad input": each(
		BAD_INPUT,
		"test_a_subscription_that_is_wrong_says_what_to_change",
		"test_an_answer_of_another_shape_is_no_news",
		"test_rows_without_an_amount_are_reported_and_come_later",
		"test_a_consent_that_ends_in_the_middle_of_an_import",
		"test_access_that_was_ended_elsewhere",
	),
	"end of the consent": each(CONNECTIONS, "test_the_end_of_the_consent_is_shown_and_the_user_is_reminded"),
	"sandbox": each("tests/providers/test_providers_page.py", "test_the_sandbox_has_faults_and_simulations"),
	"documentation": each("tests/providers/test_providers_page.py", "test_the_page_of_a_provider_is_complete"),
	"French": each("tests/providers/test_providers_page.py", "test_the_form_of_a_provider_is_french"),
	"contract suite": contract("test_what_passes_is_not_noticed", "test_what_stays_has_a_name"),
	"histories full of faults": each(
		"tests/chaos/test_chaos.py", "test_with_each_provider_the_books_end_equal_to_its_bank"
	),
	"journey in a browser": BROWSER,
}  # fmt: skip


def tables() -> list[list[list[str]]]:
	"""The tables of the page, as rows of cells without their heads."""
	found: list[list[list[str]]] = []
	inside = False
	for line in (ROOT / "docs" / "providers.md").read_text("utf-8").splitlines():
		if not line.startswith("|"):
			inside = False
			continue
		if not inside:
			found.append([])
			inside = True
		found[-1].append([cell.strip() for cell in line.strip("|").split("|")])
	return found


@cache
def collected() -> Sequence[str]:
	"""The ids of all tests that the proofs name files of, as pytest collects them."""
	files = sorted(
		{test.split("::")[0] for tests in PROOFS.values() for one in tests.values() for test in one}
	)
	words = [
		sys.executable,
		"-m",
		"pytest",
		"--collect-only",
		"-q",
		"-o",
		"addopts=",
		"-p",
		"no:cacheprovider",
		*files,
	]
	done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
	return [line for line in done.stdout.splitlines() if "::" in line]


def exists(test: str) -> bool:
	"""Whether a test is collected; after a blank, one of its cases is for that provider."""
	name, _, provider = test.partition(" ")
	cases = [one for one in collected() if one == name or one.startswith(f"{name}[")]
	return any(not provider or provider in one[len(name) :].replace("_", "-") for one in cases)


def test_every_property_has_a_row_and_every_provider_a_column() -> None:
	head, _rule, *rows = tables()[0]
	assert head[1:] == list(PROVIDERS)
	assert [row[0] for row in rows] == list(PROOFS)


def test_a_yes_has_tests_and_a_no_has_a_reason() -> None:
	_head, _rule, *rows = tables()[0]
	_, _, *reasons = tables()[1]
	given = {
		(name, provider.strip())
		for name, providers, why in reasons
		if why
		for provider in providers.split(",")
	}
	said_no = set()
	for name, *cells in rows:
		for provider, cell in zip(PROVIDERS, cells, strict=True):
			assert cell in ("yes", "no")
			assert (cell == "yes") == bool(PROOFS[name].get(provider)), (name, provider)
			if cell == "no":
				said_no.add((name, provider))
	assert given == said_no


def test_the_tests_behind_a_yes_are_collected() -> None:
	missing = [
		test for tests in PROOFS.values() for one in tests.values() for test in one if not exists(test)
	]
	assert missing == []


def test_a_test_that_is_not_there_is_found() -> None:
	assert not exists("tests/providers/test_bad_input.py::test_that_nobody_wrote")
	assert not exists(f"{BAD_INPUT}::test_access_that_was_ended_elsewhere another-provider")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_page_of_a_provider_is_complete(provider: str) -> None:
	"""Sign-up, price, keys, a picture of the form, the states, and how to try it."""
	page = (ROOT / "docs" / f"{provider}.md").read_text("utf-8")
	for said in (
		"price",
		"banksync provider add",
		f"images/provider-{provider}.png",
		"## States of a connection",
	):
		assert said.casefold() in page.casefold(), said
	assert "November 2026" in page or "on request" in page
	assert (ROOT / "docs" / "images" / f"provider-{provider}.png").exists()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_form_of_a_provider_is_french(provider: str) -> None:
	french = load("fr")
	for field in provider_class(provider).credential_fields:
		for said in (
			field.label,
			field.help,
			*(choice_label(one, Translations("en")) for one in field.choices),
		):
			assert not said or said in french, said


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_sandbox_has_faults_and_simulations(provider: str) -> None:
	"""A fault of a real call, and something that can be made to happen."""
	with serving() as server:
		given = BAD_PROVIDERS[provider](server)
		path = given.url.removeprefix(server.url) or "/v3/"
		server.faults.add(Fault("status", path, status=503, count=1))
		assert requests.get(f"{server.url}{path}", timeout=10).status_code == 503
		face = server.app.faces.get(provider) or server.app.faces.get(FOLDERS[provider])
		assert len(face.simulations if face else SIMULATIONS) > 2
