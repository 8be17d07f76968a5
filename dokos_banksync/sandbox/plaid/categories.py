"""Personal finance categories of the world's movements: https://plaid.com/docs/transactions/pfc-migration/"""

from __future__ import annotations

import random
from typing import Any

_V1 = {
	"accounting": "GENERAL_SERVICES_ACCOUNTING_AND_FINANCIAL_PLANNING",
	"advertising": "GENERAL_SERVICES_OTHER_GENERAL_SERVICES",
	"bank_fees": "BANK_FEES_OTHER_BANK_FEES",
	"card_debit": "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT",
	"cheque": "TRANSFER_IN_DEPOSIT",
	"director": "TRANSFER_OUT_OTHER_TRANSFER_OUT",
	"electricity": "RENT_AND_UTILITIES_GAS_AND_ELECTRICITY",
	"fuel": "TRANSPORTATION_GAS",
	"insurance": "GENERAL_SERVICES_INSURANCE",
	"interest": "INCOME_INTEREST_EARNED",
	"internal_in": "TRANSFER_IN_ACCOUNT_TRANSFER",
	"internet": "RENT_AND_UTILITIES_INTERNET_AND_CABLE",
	"licences": "GENERAL_SERVICES_OTHER_GENERAL_SERVICES",
	"loan": "LOAN_PAYMENTS_OTHER_PAYMENT",
	"mobile": "RENT_AND_UTILITIES_TELEPHONE",
	"online_services": "GENERAL_SERVICES_OTHER_GENERAL_SERVICES",
	"rent": "RENT_AND_UTILITIES_RENT",
	"restaurant": "FOOD_AND_DRINK_RESTAURANT",
	"sales": "TRANSFER_IN_DEPOSIT",
	"savings": "TRANSFER_OUT_SAVINGS",
	"social": "GOVERNMENT_AND_NON_PROFIT_TAX_PAYMENT",
	"subcontracting": "GENERAL_SERVICES_CONSULTING_AND_LEGAL",
	"supplies": "GENERAL_MERCHANDISE_OFFICE_SUPPLIES",
	"tax": "GOVERNMENT_AND_NON_PROFIT_TAX_PAYMENT",
	"toll": "TRANSPORTATION_TOLLS",
	"train": "TRANSPORTATION_PUBLIC_TRANSIT",
	"transfer_in": "TRANSFER_IN_ACCOUNT_TRANSFER",
	"vat": "GOVERNMENT_AND_NON_PROFIT_TAX_PAYMENT",
	"wages": "TRANSFER_OUT_OTHER_TRANSFER_OUT",
	"water": "RENT_AND_UTILITIES_WATER",
	"withdrawal": "TRANSFER_OUT_WITHDRAWAL",
}
_V2 = {"sales": "TRANSFER_IN_WIRE", "cheque": "TRANSFER_IN_DEPOSIT"}
"""Where the newer taxonomy is finer."""
_PRIMARIES = (
	"INCOME", "TRANSFER_IN", "TRANSFER_OUT", "LOAN_PAYMENTS", "BANK_FEES", "FOOD_AND_DRINK", "GENERAL_MERCHANDISE",
	"GENERAL_SERVICES", "GOVERNMENT_AND_NON_PROFIT", "TRANSPORTATION", "RENT_AND_UTILITIES",
)  # fmt: skip
_LEVELS = ("VERY_HIGH", "HIGH", "MEDIUM", "LOW")


def category(word: str, key: str, version: str) -> dict[str, Any] | None:
	"""Return the category object of a movement; None where Plaid knows none."""
	detailed = (_V2.get(word) if version == "v2" else None) or _V1.get(word)
	if detailed is None:
		return None
	primary = next(one for one in _PRIMARIES if detailed.startswith(one))
	level = random.Random(f"pfc|{key}").choice(_LEVELS)
	return {"primary": primary, "detailed": detailed, "confidence_level": level, "version": version}
