"""Check a subscription at Plaid without changing anything."""

from __future__ import annotations

from collections.abc import Sequence

from dokos_banksync.core.errors import ConfigurationError, NotFound, ProviderBug
from dokos_banksync.core.provider import Check
from dokos_banksync.providers.plaid import institutions
from dokos_banksync.providers.plaid.client import Client


def check(client: Client, countries: Sequence[str], environment: str) -> Check:
	"""Return how many banks the subscription reaches.

	Raises `ConfigurationError` for wrong keys, another environment's secret, a country or a product that is not
	enabled. A link token that is never used reveals the last two.
	"""
	try:
		found = institutions.count(client, countries)
		client.post(
			"/link/token/create",
			{
				"client_name": "BankSync",
				"language": "en",
				"country_codes": list(countries),
				"user": {"client_user_id": "check"},
				"products": ["transactions"],
				"hosted_link": {},
			},
		)
	except (NotFound, ProviderBug) as error:
		raise ConfigurationError(
			"Plaid refuses these settings ({0}). Check the environment, the countries {1} and the base URL of the provider.",
			*(error.reference or error.message, ", ".join(countries)),
			reference=error.reference,
		) from error
	remarks = []
	if environment == "sandbox":
		remarks.append("This is Plaid's sandbox: its banks and transactions are invented.")
	if not found:
		remarks.append("Plaid lists no bank for these countries. Check the countries of the provider.")
	return Check(found, remarks)
