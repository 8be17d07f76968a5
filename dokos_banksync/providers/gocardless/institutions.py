"""The banks that GoCardless lists. There is no search: the list of a country is filtered here."""

from __future__ import annotations

from collections.abc import Iterator

from dokos_banksync.core.errors import ConfigurationError, NotFound
from dokos_banksync.core.model import Institution
from dokos_banksync.providers.gocardless.client import Client, identifier
from dokos_banksync.providers.parsing import Object, folded, text, texts


def institutions(client: Client, search: str, country: str) -> Iterator[Institution]:
	"""Yield the banks whose name holds every word of `search`, accents and case aside."""
	words = folded(search).split()
	query = {"country": country.lower()} if country else None
	for row in client.list("/institutions/", query):
		if all(word in folded(text(row.get("name"))) for word in words) and text(row.get("id")):
			yield _institution(row, country.upper())


def _institution(row: Object, country: str) -> Institution:
	"""Return an `Integration`; of a bank in several countries, the one that was asked for."""
	countries = [one.upper() for one in texts(row.get("countries"))]
	shown = country if country in countries else next(iter(countries), "")
	return Institution(
		id=text(row.get("id")), name=text(row.get("name")), country=shown, logo=text(row.get("logo"))
	)


def find(client: Client, wanted: str) -> Object:
	"""Return a bank. Raise `ConfigurationError` when it is no longer listed."""
	try:
		return client.get(f"/institutions/{identifier(wanted)}/")
	except NotFound as error:
		raise ConfigurationError(
			"GoCardless does not list the bank {0}. Choose it again.", wanted, reference=error.reference
		) from error


def days(row: Object, name: str, default: int) -> int:
	"""Return a number of days of a bank, which GoCardless writes as text."""
	value = row.get(name)
	given = value if isinstance(value, int) else text(value)
	return int(given) if str(given).isdecimal() and int(given) > 0 else default
