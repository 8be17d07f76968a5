"""Grouping the banks of several providers, and suggesting one of them."""

from __future__ import annotations

from datetime import timedelta

from dokos_banksync.core.connection.institution_choice import Offer, Reason, group, normalized
from dokos_banksync.core.model import Institution
from dokos_banksync.core.provider import Capabilities, PriceClass

LONG = Capabilities(history=timedelta(days=1095), consent=timedelta(days=180), price=PriceClass.CONTRACT)
FREE = Capabilities(consent=timedelta(days=180), daily_fetches=4, price=PriceClass.FREE)


def offer(
	provider: str, name: str = "Crédit Nord", capabilities: Capabilities = FREE, **values: object
) -> Offer:
	institution = Institution(f"{provider}-1", name, **{"country": "FR", **values})  # type: ignore[arg-type]
	return Offer(provider, "Production", capabilities, institution)


def test_names_are_compared_without_accents_case_and_punctuation() -> None:
	assert normalized("  Crédit-Agricole  d'Île_de_France ") == "credit agricole d ile de france"


def test_two_providers_that_reach_one_bank_make_one_entry() -> None:
	(bank,) = group([offer("B", "Crédit Nord"), offer("A", "CREDIT-NORD")])
	assert [one.provider for one in bank.offers] == ["A", "B"]
	assert bank.reason is None, "nothing distinguishes them"


def test_the_same_name_in_another_country_is_another_bank() -> None:
	assert len(group([offer("A", country="FR"), offer("B", country="BE")])) == 2


def test_a_provider_that_lists_a_name_twice_keeps_two_entries() -> None:
	found = group([offer("A"), offer("A"), offer("B")])
	assert [[one.provider for one in bank.offers] for bank in found] == [["A", "B"], ["A"]]


def test_the_longest_history_is_suggested_and_said() -> None:
	shorter = Capabilities(history=timedelta(days=730), price=PriceClass.FREE)
	(bank,) = group([offer("Short", capabilities=shorter), offer("Long", capabilities=LONG)])
	assert (bank.offers[0].provider, bank.reason) == ("Long", Reason.HISTORY)


def test_nothing_is_said_of_what_the_other_provider_does_not_declare() -> None:
	(bank,) = group([offer("Free", capabilities=FREE), offer("Long", capabilities=LONG)])
	assert (bank.offers[0].provider, bank.reason) == ("Long", None)
	(bank,) = group([offer("Nothing", capabilities=Capabilities()), offer("Free", capabilities=FREE)])
	assert (bank.offers[0].provider, bank.reason) == ("Free", None)


def test_a_merit_that_both_declare_is_said() -> None:
	known = Capabilities(history=timedelta(days=730), price=PriceClass.PER_ACCOUNT)
	(bank,) = group(
		[
			offer("Known", capabilities=known),
			offer("Long", capabilities=Capabilities(price=PriceClass.CONTRACT)),
		]
	)
	assert (bank.offers[0].provider, bank.reason) == ("Known", Reason.PRICE)


def test_health_counts_more_than_history() -> None:
	ill = offer("Long", capabilities=LONG, healthy=False)
	(bank,) = group([ill, offer("Free", capabilities=FREE)])
	assert (bank.offers[0].provider, bank.reason) == ("Free", Reason.HEALTH)


def test_a_test_environment_comes_after_a_real_one() -> None:
	pretend = Offer("Pretend", "Sandbox", LONG, Institution("1", "Crédit Nord", "FR"))
	(bank,) = group([pretend, offer("Real")])
	assert (bank.offers[0].provider, bank.reason) == ("Real", Reason.REAL)


def test_a_release_comes_before_a_beta() -> None:
	(bank,) = group([offer("Long", capabilities=LONG, beta=True), offer("Free")])
	assert (bank.offers[0].provider, bank.reason) == ("Free", Reason.RELEASED)


def test_the_price_class_decides_last() -> None:
	paid = Capabilities(consent=timedelta(days=180), daily_fetches=4, price=PriceClass.PER_ACCOUNT)
	(bank,) = group([offer("Paid", capabilities=paid), offer("Zero", capabilities=FREE)])
	assert (bank.offers[0].provider, bank.reason) == ("Zero", Reason.PRICE)
