"""Powens's categories, an option of a domain. https://docs.powens.com/api-reference/products/data-aggregation/categorization

There is no call for the tree: its codes are in the documentation (of November 2026, for France). Codes repeat (`others` is
a group and a category of it), so that an id here is the group's code and the category's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dokos_banksync.core.model import Category
from dokos_banksync.providers.parsing import mapping, text

TREE: Mapping[str, str] = {
	"administration_and_taxes": "legal_advice others_administration_and_taxes social_contributions taxes",
	"bank_insurances": (
		"banking_fees insurance_repayments account_card_maintenance insurances others_bank_insurances"
		" retirement_insurance savings unauthorized_debit_fees irregularity_and_incident_fees intervention_fees"
		" foreign_exchange_fees withdrawal rejection_fees third_party_administrative_seizure deposit"
		" savings_investments_and_crypto_assets"
	),
	"food_and_restaurants": (
		"baker bars_restaurants butcher_fishmongers_produce others_food_and_restaurants supermarket_and_groceries vending"
	),
	"household": (
		"home_services_cleaning kitchen_and_appliances others_household works_diy_gardening child_care_kindergarten"
		" furniture_and_decoration alimony_payment education_and_training pet_care post_and_courier"
	),
	"healthcare": (
		"doctors_specialist_dentists_hospitals health_insurance_fees health_insurance_reimbursement others_healthcare"
		" pharmacy"
	),
	"housing": "energy others_housing rent water",
	"leisure": "cinema_theater_culture hotels others_leisure sports tobacco_gambling charity_ngo_unions_associations",
	"loans": "consumer_loans_disposal mortgage_disposal others_loans consumer_loans_payment mortgage_payment",
	"media_and_telecommunications": "media_subscriptions others_media_and_telecommunications phone_internet_tv",
	"others": "return_debit transfers online_transfers_and_payment_services others",
	"revenue": (
		"others_revenue pensions rental_income salary alimony family_benefits unemployment_benefit other_benefits"
		" housing_benefits financial_income savings_disposal"
	),
	"shopping": (
		"beauty_hairdressing_aesthetic clothing_and_accessories ecommerce multimedia_books_stationery others_shopping"
	),
	"travel_and_transport": (
		"fuel_and_vehicle_charging others_travel_and_transport parking_maintenance_tolls plane_or_boat_travel"
		" public_transportation rental_and_taxis train_travel"
	),
}
"""The codes of each group, separated by blanks."""


def tree() -> list[Category]:
	"""Return the categories, groups before what is in them. Names are made of the codes, in English."""
	return list(_categories())


def category_id(given: object) -> str:
	"""Return the id of the first of a transaction's categories; empty where it has none."""
	first = mapping(given[0]) if isinstance(given, list) and given else mapping(None)
	code, parent = text(first.get("code")).strip(), text(first.get("parent_code")).strip()
	return f"{parent}/{code}" if code and parent else code


def _categories() -> Iterator[Category]:
	for group, codes in TREE.items():
		yield Category(group, _words(group))
		yield from (Category(f"{group}/{code}", _words(code), group) for code in codes.split())


def _words(code: str) -> str:
	return code.replace("_", " ").capitalize()
