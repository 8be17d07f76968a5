"""Salt Edge's tree of categories and the world's movements in it. Codes are open: clients must take unknown ones."""

from __future__ import annotations

TREE: dict[str, dict[str, list[str]]] = {
	"personal": {
		"auto_and_transport": ["car_rental", "gas_and_fuel", "parking", "public_transportation", "taxi"],
		"bills_and_utilities": ["internet", "phone", "television", "utilities"],
		"business_services": ["advertising", "office_supplies", "shipping"],
		"education": ["books_and_supplies", "tuition"],
		"entertainment": ["amusement", "arts", "games", "movies_and_music"],
		"fees_and_charges": ["provider_fee", "loans", "service_fee", "taxes"],
		"food_and_dining": ["alcohol_and_bars", "cafes_and_restaurants", "groceries"],
		"home": ["home_improvement", "mortgage", "rent"],
		"income": ["bonus", "investment_income", "paycheck"],
		"insurance": ["car_insurance", "health_insurance", "property_insurance"],
		"shopping": ["clothing", "electronics_and_software"],
		"transfer": [],
		"travel": ["hotel", "transportation", "vacation"],
		"uncategorized": [],
	},
	"business": {
		"equipment_and_materials": ["consumer_goods", "electronics", "software", "supplies_and_furniture"],
		"financials": ["dividends", "fees", "interest", "loans"],
		"human_resources": ["benefits", "social_contributions", "wages"],
		"income": ["investments", "sales"],
		"insurance": ["business_insurance"],
		"office": ["internet", "phone", "rent", "utilities"],
		"services": ["accounting_and_auditing", "advertising", "it_services", "subcontracting"],
		"taxes": ["corporate_taxes", "vat"],
		"transport": ["fuel", "parking", "travel"],
		"transfer": [],
		"uncategorized": [],
	},
}
_PERSONAL = {
	"advertising": "advertising", "bank_fees": "provider_fee", "electricity": "utilities", "fuel": "gas_and_fuel",
	"insurance": "property_insurance", "interest": "investment_income", "internet": "internet", "loan": "loans",
	"mobile": "phone", "rent": "rent", "restaurant": "cafes_and_restaurants", "sales": "income",
	"supplies": "office_supplies", "tax": "taxes", "toll": "auto_and_transport", "train": "public_transportation",
	"vat": "taxes", "wages": "paycheck", "water": "utilities", "transfer_in": "transfer", "internal_in": "transfer",
	"savings": "transfer", "card_debit": "transfer",
}  # fmt: skip
_BUSINESS = {
	"accounting": "accounting_and_auditing", "advertising": "advertising", "bank_fees": "fees", "director": "wages",
	"electricity": "utilities", "fuel": "fuel", "insurance": "business_insurance", "interest": "interest",
	"internet": "internet", "licences": "software", "loan": "loans", "mobile": "phone", "online_services": "it_services",
	"rent": "rent", "sales": "sales", "social": "social_contributions", "subcontracting": "subcontracting",
	"supplies": "supplies_and_furniture", "tax": "corporate_taxes", "train": "travel", "vat": "vat", "wages": "wages",
	"water": "utilities", "transfer_in": "transfer", "internal_in": "transfer", "savings": "transfer",
}  # fmt: skip


def category_of(word: str, categorization: str) -> str:
	"""Return the code of a movement's category."""
	if categorization == "none":
		return "uncategorized"
	table = _BUSINESS if categorization == "business" else _PERSONAL
	return table.get(word, "uncategorized")
