"""Subscriptions with providers."""

from __future__ import annotations

import frappe

from dokos_banksync.api.permitted import PROVIDER, answer


@frappe.whitelist()
def providers() -> object:
	"""Return the configured providers, for the dialog that connects a bank."""
	return answer("providers.providers", "create")


@frappe.whitelist(methods=["POST"])
def check_provider(provider: str) -> object:
	"""Check a provider's credentials with a call that reads nothing."""
	return answer("providers.check_provider", "write", PROVIDER, provider=provider)
