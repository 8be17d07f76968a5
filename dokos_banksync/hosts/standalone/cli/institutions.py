"""`banksync institutions`: the banks of one provider, or of all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import click

from dokos_banksync.actions.institution_lists import InstitutionLists
from dokos_banksync.core.connection.institution_choice import ListedBank, Offer
from dokos_banksync.core.errors import InvalidData, SyncError
from dokos_banksync.hosts.standalone.cli import names
from dokos_banksync.hosts.standalone.cli.json_records import institution
from dokos_banksync.hosts.standalone.cli.session import Session, session
from dokos_banksync.hosts.standalone.cli.terminal import Column

_NOTHING = "No bank is called like that. Try a shorter name"
_NONE_LISTED = "No bank is listed there"


@click.argument("provider_name", metavar="[PROVIDER]", default="")
@click.argument("search", default="")
@click.option("--country", default="", metavar="CC", help="Two letters: FR, BE …")
def institutions(provider_name: str, search: str, country: str) -> None:
	"""Search the institutions of a provider."""
	current = session()
	if country and not re.fullmatch("[A-Za-z]{2}", country):
		raise InvalidData("{0} is not a country: write its two letters, such as FR", country)
	known = _providers(current)
	if not search and provider_name not in known:  # one word that names no provider is a search
		provider_name, search = "", provider_name
	elif provider_name:
		provider_name = names.provider(current.site, provider_name)
	found = [
		(offer, "" if place or bank.reason is None else bank.reason.value)
		for bank in _search(current, provider_name, search, country)
		for place, offer in enumerate(bank.offers)
	]
	columns = [Column("Provider", elastic=True), Column("Id"), Column("Name", elastic=True, least=16)]
	columns += [Column("Country", spare=True), Column("Group", elastic=True, spare=True)]
	columns += [Column("State", elastic=True, least=16)]
	rows = [_row(offer, suggested, current) for offer, suggested in found]
	answer = [
		{**institution(offer.institution), "provider": offer.provider, "suggested": suggested}
		for offer, suggested in found
	]
	current.answer(answer, lambda: current.table(columns, rows, _NOTHING if search else _NONE_LISTED))


def _providers(current: Session) -> list[str]:
	return [str(row["name"]) for row in current.site.ledger.providers()]


def _search(current: Session, provider: str, search: str, country: str) -> Sequence[ListedBank]:
	"""Return the banks that match. Lists that are a day old are read again first."""
	lists = InstitutionLists(current.site, current.site.institution_cache)
	found = lists.search(search, country, provider)
	for name in found.stale:
		try:
			lists.refresh(name)
		except SyncError as error:
			current.warn(current.named(name, current.translations.error(error)))
	if found.stale:
		found = lists.search(search, country, provider)
	for name, failure in found.failures.items():
		current.warn(current.named(name, current.translations.error(failure)))
	return found.banks


def _row(offer: Offer, suggested: str, current: Session) -> list[object]:
	"""Return a row of the table; `suggested` is why this provider comes before the others that reach the bank."""
	one, t = offer.institution, current.t
	remarks = [t("Suggested: {0}", t(suggested))] if suggested else []
	remarks += [t("beta")] if one.beta else []
	if one.healthy is False:
		remarks.append(t("does not answer well at the moment"))
	return [offer.provider, one.id, one.name, one.country, one.group, ", ".join(remarks)]
