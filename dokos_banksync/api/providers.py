"""Subscriptions with providers."""

from __future__ import annotations

from typing import Any

import frappe

from dokos_banksync.api.permitted import PROVIDER, answer


@frappe.whitelist()
def providers() -> dict[str, Any]:
	return answer("providers.providers", "create")


@frappe.whitelist(methods=["POST"])
def check_provider(provider: str) -> dict[str, Any]:
	return answer("providers.check_provider", "write", PROVIDER, provider=provider)
