"""Subscriptions with providers."""

from __future__ import annotations

from dokos_banksync.actions import return_address
from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import RequestContext
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core.provider import CredentialField
from dokos_banksync.providers.registry import provider_class, provider_types


def providers(context: RequestContext, _given: Arguments) -> object:
	"""Return the subscriptions, the companies to choose from, and the user's e-mail address where it is known: some
	providers need one.
	"""
	visible = set(context.providers())
	rows = [
		row for row in context.site.ledger.providers() if row.get("enabled", 1) and row["name"] in visible
	]
	names = [{"name": row["name"], "environment": row["environment"]} for row in rows]
	return {"providers": names, "companies": list(context.companies()), "email": context.email}


def provider_fields(context: RequestContext, _given: Arguments) -> object:
	"""Return the credentials that each type of provider declares, for the form of a Sync Provider."""
	return {
		kind: [_field(context, field) for field in provider_class(kind).credential_fields]
		for kind in provider_types()
	}


def _field(context: RequestContext, field: CredentialField) -> dict[str, object]:
	_ = context.translations
	return {
		"name": field.name,
		"label": _(field.label),
		"kind": field.kind.value,
		"required": field.required,
		"choices": [{"value": one, "label": choice_label(one, _)} for one in field.choices],
		"help": _(field.help) if field.help else "",
	}


def choice_label(value: str, translations: Translations) -> str:
	"""Return a choice of a credential as a form shows it: `custom-integration` is "Custom integration"."""
	return translations(value.replace("-", " ").capitalize())


def check_provider(context: RequestContext, given: Arguments) -> object:
	"""Return what is known of the credentials and the subscription. Raises `SyncError` where they do not work."""
	name = given.text("provider")
	context.see("Sync Provider", name)
	check = context.site.check_provider(name)
	remarks = [context.translations.message(remark) for remark in check.remarks]
	if check.institutions:
		remarks.insert(0, context.translations("Banks that can be connected: {0}", check.institutions))
	return {"remarks": [*remarks, *return_address.remarks(check, context.callback_url, context.translations)]}
