"""Subscriptions with providers."""

from __future__ import annotations

import frappe

from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.api.permitted import PROVIDER, action, answer, perform
from dokos_banksync.hosts.frappe.context import FrappeContext
from dokos_banksync.hosts.frappe.http_errors import must


@frappe.whitelist()
def providers() -> object:
	"""Return the configured providers, for the dialog that connects a bank."""
	return answer("providers.providers", "create")


@frappe.whitelist()
def provider_fields() -> object:
	"""Return the credentials that each type of provider declares."""
	return answer("providers.provider_fields", "read", PROVIDER)


@frappe.whitelist(methods=["POST"])
def check_provider(provider: str) -> object:
	"""Check a provider's credentials with a call that reads nothing."""
	return perform(_check_provider, "write", PROVIDER, provider=provider)


def _check_provider(context: FrappeContext, given: Arguments) -> object:
	context.see(PROVIDER, given.text("provider"))
	must(PROVIDER, "write", given.text("provider"))
	return action("providers.check_provider")(context, given)
