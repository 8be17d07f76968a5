"""Powens's categories, an option of a domain. https://docs.powens.com/api-reference/products/data-aggregation/categorization

There is no call for the tree: its codes are in the documentation (of June 2026, the tree for France). Codes repeat
(`others` is a group and a category of it), so that an id here is the group's code and the category's. English names are made
of the codes; the French ones are ours.
"""

from __future__ import annotations

from dokos_banksync.core.model import Category
from dokos_banksync.providers.parsing import mapping, text

_TREE = """
administration_and_taxes=Administration et impôts
administration_and_taxes/legal_advice=Conseil juridique
administration_and_taxes/others_administration_and_taxes=Administration et impôts, autres
administration_and_taxes/social_contributions=Cotisations sociales
administration_and_taxes/taxes=Impôts et taxes
bank_insurances=Banque et assurances
bank_insurances/banking_fees=Frais bancaires
bank_insurances/insurance_repayments=Remboursements d’assurance
bank_insurances/account_card_maintenance=Tenue de compte et carte
bank_insurances/insurances=Assurances
bank_insurances/others_bank_insurances=Banque et assurances, autres
bank_insurances/retirement_insurance=Assurance retraite
bank_insurances/savings=Épargne
bank_insurances/unauthorized_debit_fees=Frais de découvert non autorisé
bank_insurances/irregularity_and_incident_fees=Frais d’irrégularité et d’incident
bank_insurances/intervention_fees=Commissions d’intervention
bank_insurances/foreign_exchange_fees=Frais de change
bank_insurances/withdrawal=Retraits
bank_insurances/rejection_fees=Frais de rejet
bank_insurances/third_party_administrative_seizure=Saisie administrative à tiers détenteur
bank_insurances/deposit=Dépôts
bank_insurances/savings_investments_and_crypto_assets=Épargne, placements et cryptoactifs
food_and_restaurants=Alimentation et restaurants
food_and_restaurants/baker=Boulangerie
food_and_restaurants/bars_restaurants=Bars et restaurants
food_and_restaurants/butcher_fishmongers_produce=Boucherie, poissonnerie, primeur
food_and_restaurants/others_food_and_restaurants=Alimentation et restaurants, autres
food_and_restaurants/supermarket_and_groceries=Supermarché et épicerie
food_and_restaurants/vending=Distributeurs automatiques
household=Maison et famille
household/home_services_cleaning=Services à domicile et ménage
household/kitchen_and_appliances=Cuisine et électroménager
household/others_household=Maison et famille, autres
household/works_diy_gardening=Travaux, bricolage, jardin
household/child_care_kindergarten=Garde d’enfants
household/furniture_and_decoration=Meubles et décoration
household/alimony_payment=Pension alimentaire versée
household/education_and_training=Études et formation
household/pet_care=Animaux
household/post_and_courier=Poste et coursiers
healthcare=Santé
healthcare/doctors_specialist_dentists_hospitals=Médecins, dentistes, hôpitaux
healthcare/health_insurance_fees=Mutuelle
healthcare/health_insurance_reimbursement=Remboursements de santé
healthcare/others_healthcare=Santé, autres
healthcare/pharmacy=Pharmacie
housing=Logement
housing/energy=Énergie
housing/others_housing=Logement, autres
housing/rent=Loyer
housing/water=Eau
leisure=Loisirs
leisure/cinema_theater_culture=Cinéma, théâtre, culture
leisure/hotels=Hôtels
leisure/others_leisure=Loisirs, autres
leisure/sports=Sports
leisure/tobacco_gambling=Tabac et jeux
leisure/charity_ngo_unions_associations=Dons, syndicats, associations
loans=Crédits
loans/consumer_loans_disposal=Crédit à la consommation reçu
loans/mortgage_disposal=Crédit immobilier reçu
loans/others_loans=Crédits, autres
loans/consumer_loans_payment=Crédit à la consommation, échéances
loans/mortgage_payment=Crédit immobilier, échéances
media_and_telecommunications=Médias et télécommunications
media_and_telecommunications/media_subscriptions=Abonnements médias
media_and_telecommunications/others_media_and_telecommunications=Médias et télécommunications, autres
media_and_telecommunications/phone_internet_tv=Téléphone, internet, télévision
others=Autres
others/return_debit=Prélèvements rejetés
others/transfers=Virements
others/online_transfers_and_payment_services=Virements en ligne et services de paiement
others/others=Autres
revenue=Revenus
revenue/others_revenue=Revenus, autres
revenue/pensions=Pensions de retraite
revenue/rental_income=Loyers perçus
revenue/salary=Salaires
revenue/alimony=Pension alimentaire reçue
revenue/family_benefits=Allocations familiales
revenue/unemployment_benefit=Allocations chômage
revenue/other_benefits=Autres allocations
revenue/housing_benefits=Aides au logement
revenue/financial_income=Revenus financiers
revenue/savings_disposal=Retraits d’épargne
shopping=Achats
shopping/beauty_hairdressing_aesthetic=Beauté et coiffure
shopping/clothing_and_accessories=Vêtements et accessoires
shopping/ecommerce=Achats en ligne
shopping/multimedia_books_stationery=Multimédia, livres, papeterie
shopping/others_shopping=Achats, autres
travel_and_transport=Voyages et transports
travel_and_transport/fuel_and_vehicle_charging=Carburant et recharge
travel_and_transport/others_travel_and_transport=Voyages et transports, autres
travel_and_transport/parking_maintenance_tolls=Stationnement, entretien, péages
travel_and_transport/plane_or_boat_travel=Avion et bateau
travel_and_transport/public_transportation=Transports en commun
travel_and_transport/rental_and_taxis=Location et taxis
travel_and_transport/train_travel=Train
"""
"""A line for each group and category: its id, and its French name."""


def tree(language: str) -> list[Category]:
	"""Return the categories, groups before what is in them; names in French, or else in English."""
	rows = (line.partition("=") for line in _TREE.split("\n") if line)
	return [_category(category, name, french=language == "fr") for category, _, name in rows]


def category_id(given: object) -> str:
	"""Return the id of the first of a transaction's categories; empty where it has none."""
	first = mapping(given[0]) if isinstance(given, list) and given else mapping(None)
	code, parent = text(first.get("code")).strip(), text(first.get("parent_code")).strip()
	return f"{parent}/{code}" if code and parent else code


def _category(category: str, name: str, *, french: bool) -> Category:
	group, _, code = category.rpartition("/")
	return Category(category, name if french else code.replace("_", " ").capitalize(), group)
