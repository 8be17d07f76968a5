"""One search over the banks of all providers."""

from __future__ import annotations

from collections.abc import Mapping

from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import RequestContext
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.institution_lists import InstitutionLists
from dokos_banksync.core.connection.institution_choice import ListedBank, Offer

SHOWN = 60
"""How many banks a dialog shows; more of them, and the user is asked to type more."""


def institutions(context: RequestContext, given: Arguments) -> object:
	"""Return the banks that match a search, of one provider or of all, with the providers that reach each.

	`notes` name the providers whose lists could not be read. Lists that are a day old are read again afterwards.
	"""
	provider = given.optional("provider")
	if provider:
		context.see("Sync Provider", provider)
	lists = InstitutionLists(context.site, context.institution_cache)
	found = lists.search(given.optional("search"), given.optional("country"), provider, context.providers())
	for name in found.stale:
		context.refresh_institutions(name)
	message = context.translations
	notes = [f"{name}: {message.error(error)}" for name, error in found.failures.items()]
	rows = [_bank(bank, message) for bank in found.banks[:SHOWN]]
	return {"institutions": rows, "more": len(found.banks) > SHOWN, "notes": notes}


def _bank(bank: ListedBank, message: Translations) -> Mapping[str, object]:
	shown = bank.institution
	return {
		"name": shown.name,
		"country": shown.country,
		"logo": shown.logo if shown.logo.startswith(("https://", "data:image/")) else "",
		"beta": shown.beta,
		"healthy": shown.healthy,
		"reason": message(bank.reason.value) if bank.reason else "",
		"offers": [_offer(offer, message) for offer in bank.offers],
	}


def _offer(offer: Offer, message: Translations) -> Mapping[str, object]:
	return {
		"provider": offer.provider,
		"environment": offer.environment,
		"id": offer.institution.id,
		"beta": offer.institution.beta,
		"healthy": offer.institution.healthy,
		"facts": facts(offer, message),
	}


def facts(offer: Offer, message: Translations) -> list[str]:
	"""Return what the provider declares, in words; nothing where it declares nothing."""
	known = offer.capabilities
	sentences = []
	if known.history:
		sentences.append(message("up to {0} months of history", round(known.history.days / 30.4)))
	if known.consent:
		sentences.append(message("consent up to {0} days", known.consent.days))
	if known.daily_fetches:
		sentences.append(message("{0} fetches a day", known.daily_fetches))
	if known.price:
		sentences.append(message(known.price.value))
	return sentences
