"""One search over the banks of all providers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import RequestContext
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.institution_lists import InstitutionLists
from dokos_banksync.core.connection.institution_choice import ListedBank, Offer
from dokos_banksync.core.errors import SyncError

SHOWN = 60
"""How many banks a dialog shows; more of them, and the user is asked to type more."""
LOGOS_SHOWN = 20
LARGEST_LOGO = 48 * 1024
"""Characters of a logo inside its address; Plaid's are pictures of 152 by 152 pixels."""


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
	translations = context.translations
	notes = [f"{name}: {translations.error(error)}" for name, error in found.failures.items()]
	rows = [_bank(bank, translations) for bank in found.banks[:SHOWN]]
	return {
		"institutions": rows,
		"more": len(found.banks) > SHOWN,
		"notes": notes,
		"logos": _without_logos(context, found.banks[:SHOWN]),
	}


def _without_logos(context: RequestContext, banks: Sequence[ListedBank]) -> list[str]:
	"""Return the providers that give logos to a search alone, of banks that have none in the stored list."""
	return sorted(
		{
			offer.provider
			for bank in banks
			if not bank.institution.logo
			for offer in bank.offers
			if offer.capabilities.logos_by_search and offer.provider in context.providers()
		}
	)


def institution_logos(context: RequestContext, given: Arguments) -> object:
	"""Return the logos that a provider gives to a search, by the id of the bank. Larger ones are left out.

	Called after the list is shown, which does not wait for it. A provider that does not answer gives none.
	"""
	name = given.text("provider")
	context.see("Sync Provider", name)
	provider = context.site.provider_of(name)
	try:
		found = list(islice(provider.institutions(given.text("search")), LOGOS_SHOWN))
	except SyncError:
		return {"logos": {}}
	finally:
		provider.close()
	return {"logos": {one.id: one.logo for one in found if _is_picture(one.logo)}}


def _is_picture(logo: str) -> bool:
	return logo.startswith("data:image/png;base64,") and len(logo) <= LARGEST_LOGO


def _bank(bank: ListedBank, translations: Translations) -> Mapping[str, object]:
	shown = bank.institution
	return {
		"name": shown.name,
		"country": shown.country,
		"logo": shown.logo if shown.logo.startswith(("https://", "data:image/")) else "",
		"beta": shown.beta,
		"healthy": shown.healthy,
		"reason": translations(bank.reason.value) if bank.reason else "",
		"offers": [_offer(offer, translations) for offer in bank.offers],
	}


def _offer(offer: Offer, translations: Translations) -> Mapping[str, object]:
	return {
		"provider": offer.provider,
		"environment": offer.environment,
		"id": offer.institution.id,
		"beta": offer.institution.beta,
		"healthy": offer.institution.healthy,
		"needs_email": offer.capabilities.needs_email,
		"facts": facts(offer, translations),
	}


def facts(offer: Offer, translations: Translations) -> list[str]:
	"""Return what the provider declares, in words; nothing where it declares nothing."""
	known = offer.capabilities
	sentences = []
	if known.history:
		sentences.append(translations("up to {0} months of history", round(known.history.days / 30.4)))
	if known.consent:
		sentences.append(translations("consent up to {0} days", known.consent.days))
	if known.daily_fetches:
		sentences.append(translations("{0} fetches a day", known.daily_fetches))
	if known.price:
		sentences.append(translations(known.price.value))
	return sentences
