"""One search over the banks of all providers: what is found, what is stored, and what happens when one is down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dokos_banksync.actions.institution_index import InstitutionIndex
from dokos_banksync.actions.institution_lists import InstitutionLists
from dokos_banksync.actions.institutions import institution_logos, institutions
from dokos_banksync.core.connection.institution_choice import Offer, group
from dokos_banksync.core.errors import ConfigurationError, NotFound, TemporaryError
from dokos_banksync.core.model import Institution
from dokos_banksync.core.provider import Capabilities
from dokos_banksync.hosts.standalone.institution_files import InstitutionFiles
from dokos_banksync.providers.bridge import BridgeProvider
from dokos_banksync.sandbox.plaid.model import CLIENT_ID as PLAID_ID
from dokos_banksync.sandbox.plaid.model import SECRET as PLAID_SECRET
from dokos_banksync.sandbox.server import CLIENT_ID, CLIENT_SECRET
from tests.actions.conftest import AURORE, PROVIDER, Pretend, ask

SECOND = "Second"
NAMES = ("Crédit Agricole Île-de-France", "Crédit Mutuel", "La Banque Postale", "BoursoBank", "N26", "ING")


def index(*names: str, country: str = "FR", **values: str) -> InstitutionIndex:
	listed = [Institution(name, name, country, **values) for name in names]  # type: ignore[arg-type]
	return InstitutionIndex(group(Offer("A", "Production", Capabilities(), one) for one in listed))


def names(found: InstitutionIndex, query: str, country: str = "") -> list[str]:
	return [bank.institution.name for bank in found.search(query, country)]


@pytest.mark.parametrize(
	("query", "expected"),
	[
		("credit agricole", ["Crédit Agricole Île-de-France"]),
		("AGRICOLE crédit", ["Crédit Agricole Île-de-France"]),
		("ile de france", ["Crédit Agricole Île-de-France"]),
		("credti agricole", ["Crédit Agricole Île-de-France"]),
		("credit agrciol", ["Crédit Agricole Île-de-France"]),
		("postal", ["La Banque Postale"]),
		("bourso bank", ["BoursoBank"]),
		("creditmutuel", ["Crédit Mutuel"]),
		("boursobnak", ["BoursoBank"]),
		("n26", ["N26"]),
		("n27", []),
		("ign", []),
		("credit lyonnais", []),
	],
)
def test_a_bank_is_found_by_what_users_type(query: str, expected: list[str]) -> None:
	assert names(index(*NAMES), query) == expected


def test_a_name_that_begins_so_comes_first_then_the_shorter_one() -> None:
	found = index("Caisse du Nord", "Nordea Bank Abp", "Nordea", "Bank Nord")
	assert names(found, "nord") == ["Nordea", "Nordea Bank Abp", "Bank Nord", "Caisse du Nord"]


def test_an_exact_word_hides_words_that_are_merely_alike() -> None:
	assert names(index("Banca Nova", "Banka Nova"), "banka") == ["Banka Nova"]


def test_a_bank_is_found_by_its_group_and_keywords() -> None:
	assert names(index("Hello", group="BNP Paribas"), "paribas") == ["Hello"]
	assert names(index("BoursoBank", keywords="boursorama"), "boursorama") == ["BoursoBank"]


def test_a_country_leaves_out_the_others_but_not_banks_of_no_country() -> None:
	assert names(index("KBC", country="BE"), "kbc", "fr") == []
	assert names(index("KBC", country="BE"), "kbc", "be") == ["KBC"]
	assert names(index("KBC", country=""), "kbc", "fr") == ["KBC"]


# -- the stored lists ---------------------------------------------------------------------------------------
@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
	"""The names of the providers whose list was asked for; what `Second` gives is one bank of its own."""
	calls: list[str] = []
	real = BridgeProvider.institutions

	def counted(self: BridgeProvider, search: str = "", country: str = "") -> Iterator[Institution]:
		name = self._subscription_name  # type: ignore[attr-defined]
		calls.append(name)
		return real(self, search, country)

	original = BridgeProvider.__init__

	def named(self: BridgeProvider, subscription: Any, *given: Any, **values: Any) -> None:
		self._subscription_name = subscription.name  # type: ignore[attr-defined]
		original(self, subscription, *given, **values)

	monkeypatch.setattr(BridgeProvider, "__init__", named)
	monkeypatch.setattr(BridgeProvider, "institutions", counted)
	return calls


def add_second(context: Pretend, url: str) -> None:
	keys = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
	context.site.add_provider(SECOND, "Bridge", keys, url, "Sandbox")


def test_a_list_is_asked_for_once(context: Pretend, asked: list[str]) -> None:
	first = ask(institutions, context, search="aurore")
	assert first["institutions"][0]["offers"][0]["id"] == AURORE
	assert ask(institutions, context, search="auroer") == first
	assert asked == [PROVIDER]


def test_the_providers_that_reach_a_bank_are_named_with_what_they_declare(context: Pretend) -> None:
	add_second(context, context.bank.url)
	found, *_ = ask(institutions, context, search="banque aurore")["institutions"]
	assert [one["provider"] for one in found["offers"]] == [PROVIDER, SECOND]
	assert found["offers"][0]["facts"] == [
		"up to 36 months of history",
		"consent up to 180 days",
		"by contract",
	]
	assert found["reason"] == ""


def test_a_provider_that_does_not_answer_is_named_and_the_others_are_searched(context: Pretend) -> None:
	add_second(context, "http://127.0.0.1:9")
	found = ask(institutions, context, search="aurore")
	assert [one["provider"] for one in found["institutions"][0]["offers"]] == [PROVIDER]
	assert [note.partition(":")[0] for note in found["notes"]] == [SECOND]


def test_no_answer_from_any_provider_is_an_error(context: Pretend) -> None:
	context.site.remove_provider(PROVIDER)
	with pytest.raises(ConfigurationError, match="add a provider first"):
		ask(institutions, context)
	add_second(context, "http://127.0.0.1:9")
	with pytest.raises(TemporaryError):
		ask(institutions, context)


def test_an_unknown_provider_is_not_found(context: Pretend) -> None:
	with pytest.raises(NotFound, match="Nobody"):
		ask(institutions, context, provider="Nobody")


def test_a_list_of_yesterday_is_answered_from_and_read_again_in_the_background(
	context: Pretend, asked: list[str]
) -> None:
	ask(institutions, context)
	context.bank.world.clock.advance(timedelta(days=1, seconds=1))
	assert ask(institutions, context, search="aurore")["institutions"]
	assert (asked, context.refreshed) == ([PROVIDER], [PROVIDER])
	InstitutionLists(context.site, context.institution_cache).refresh(PROVIDER)
	ask(institutions, context)
	assert context.refreshed == [PROVIDER], "the new list is fresh"


def test_other_keys_or_another_address_make_the_list_another_one(context: Pretend, asked: list[str]) -> None:
	ask(institutions, context)
	context.site.update_provider(PROVIDER, {"client_secret": CLIENT_SECRET}, "http://127.0.0.1:9")
	with pytest.raises(TemporaryError):
		ask(institutions, context)


def test_files_of_two_providers_do_not_mix(tmp_path: Path) -> None:
	files = InstitutionFiles(tmp_path)
	files.write("a/b", "now x", "[1]")
	files.write("a", "then y", "[2]")
	assert (files.stamp("a/b"), files.read("a/b")) == ("now x", "[1]")
	assert (files.stamp("a"), files.read("a")) == ("then y", "[2]")
	assert (files.stamp("b"), files.read("b")) == ("", "")


def test_logos_that_come_with_a_search_alone_are_asked_for_after_it(context: Pretend) -> None:
	keys = {"client_id": PLAID_ID, "client_secret": PLAID_SECRET, "environment": "sandbox", "countries": "US"}
	context.site.add_provider("Plaid", "Plaid", keys, context.bank.plaid_url, "Sandbox")
	found = ask(institutions, context, search="platypus")
	assert found["logos"] == ["Plaid"]
	[shown] = [one for one in found["institutions"] if one["offers"][0]["id"] == "ins_109508"]
	assert shown["logo"] == ""
	logos = ask(institution_logos, context, provider="Plaid", search="platypus")["logos"]
	assert list(logos) == ["ins_109508"]
	assert logos["ins_109508"].startswith("data:image/png;base64,iVBOR")


def test_a_logo_that_is_too_large_or_no_picture_is_left_out(
	context: Pretend, monkeypatch: pytest.MonkeyPatch
) -> None:
	given = [
		Institution("small", "S", logo="data:image/png;base64,aGk="),
		Institution("large", "L", logo="data:image/png;base64," + "a" * 50_000),
		Institution("page", "P", logo="data:text/html;base64,aGk="),
	]
	monkeypatch.setattr(BridgeProvider, "institutions", lambda *_given: iter(given))
	found = ask(institution_logos, context, provider=PROVIDER, search="x")
	assert found == {"logos": {"small": "data:image/png;base64,aGk="}}


def test_a_provider_that_does_not_answer_gives_no_logos(context: Pretend) -> None:
	add_second(context, "http://127.0.0.1:9")
	assert ask(institution_logos, context, provider=SECOND, search="aurore") == {"logos": {}}
