"""Bridge's categories: ids as published by Bankin, names in French and English.

https://github.com/bankin-engineering/challenge-android (categories.json)
"""

from __future__ import annotations

from typing import Any

Tree = tuple[tuple[int, str, str, tuple[tuple[int, str, str], ...]], ...]

TREE: Tree = (
	(2, "Entrées d'argent", "Income", (
		(80, "Intérêts", "Interest"), (230, "Salaires", "Salaries"), (231, "Ventes", "Sales"), (232, "Services", "Services"),
		(282, "Virements internes", "Internal transfers"), (283, "Remboursements", "Refunds"),
		(441893, "Subventions", "Grants"), (441894, "Emprunt", "Loan received"))),
	(159, "Impôts & Taxes", "Taxes", (
		(206, "Impôts - Autres", "Taxes - Others"), (207, "Amendes", "Fines"), (208, "Impôts fonciers", "Property taxes"),
		(209, "Impôts sur le revenu", "Income tax"), (302, "Taxes", "Duties"), (441988, "TVA", "VAT"))),
	(160, "Divers", "Miscellaneous", (
		(1, "A catégoriser", "To categorise"), (276, "Autres dépenses", "Other expenses"), (278, "Assurance", "Insurance"))),
	(161, "Logement", "Premises", (
		(216, "Loyer", "Rent"), (217, "Electricité", "Electricity"), (218, "Gaz", "Gas"), (293, "Eau", "Water"))),
	(162, "Achats & Shopping", "Shopping", ((441888, "Licences", "Licences"),)),
	(164, "Banque", "Bank", (
		(79, "Frais bancaires", "Bank fees"), (89, "Remboursement emprunt", "Loan repayment"),
		(191, "Débit mensuel carte", "Monthly card debit"), (192, "Epargne", "Savings"),
		(306, "Services bancaires", "Banking services"))),
	(165, "Auto & Transports", "Car & Transport", (
		(87, "Carburant", "Fuel"), (197, "Train", "Train"), (198, "Avion", "Plane"), (309, "Péage", "Toll"))),
	(166, "Dépenses pro", "Business expenses", (
		(90, "Dépenses pro - Autres", "Business - Others"), (202, "Publicité", "Advertising"),
		(265, "Notes de frais", "Expense claims"), (270, "Services en ligne", "Online services"),
		(274, "Fournitures de bureau", "Office supplies"), (441886, "Cotisations sociales", "Social contributions"),
		(441889, "Comptabilité", "Accounting"), (441890, "Salaires", "Wages"),
		(441891, "Rémunérations dirigeants", "Directors' pay"), (441895, "Conseils", "Consulting"),
		(441896, "Sous-traitance", "Subcontracting"), (441899, "Frais juridique", "Legal fees"),
		(441900, "Marketing", "Marketing"))),
	(168, "Alimentation & Restau.", "Food & Restaurants", ((83, "Restaurants", "Restaurants"),)),
	(171, "Abonnements", "Subscriptions", ((180, "Internet", "Internet"), (277, "Mobile", "Mobile"))),
	(303, "Retraits/Chq./Vir.", "Withdrawals/Cheques/Transfers", (
		(78, "Virements", "Transfers"), (85, "Retraits", "Withdrawals"), (88, "Chèques", "Cheques"),
		(326, "Virements internes", "Internal transfers"))),
)  # fmt: skip

UNCATEGORISED = 1
IDS = {
	"accounting": 441889, "advertising": 202, "bank_fees": 79, "card_debit": 191, "cheque": 88, "director": 441891,
	"electricity": 217, "fuel": 87, "insurance": 278, "interest": 80, "internal_in": 282, "internet": 180,
	"licences": 441888, "loan": 89, "mobile": 277, "online_services": 270, "rent": 216, "restaurant": 83,
	"sales": 231, "savings": 192, "social": 441886, "subcontracting": 441896, "supplies": 274, "tax": 302,
	"toll": 309, "train": 197, "transfer_in": 282, "unknown": UNCATEGORISED, "vat": 441988, "wages": 441890,
	"water": 293, "withdrawal": 85, "work_other": 90,
}  # fmt: skip


def nested(french: bool) -> list[dict[str, Any]]:
	"""Parents with their children in `categories`, as the list call gives them."""
	name = 1 if french else 2
	return [
		{
			"id": parent[0],
			"name": parent[name],
			"categories": [{"id": one[0], "name": one[name]} for one in parent[3]],
		}
		for parent in TREE
	]


def flat(french: bool) -> list[dict[str, Any]]:
	"""Return one row per category with `parent_id`, as a single category is given."""
	rows: list[dict[str, Any]] = []
	for parent in nested(french):
		rows.append({"id": parent["id"], "name": parent["name"], "parent_id": None})
		rows += [{**child, "parent_id": parent["id"]} for child in parent["categories"]]
	return rows
