"""Checks whether users can return from a provider's page to an address of ours."""

from __future__ import annotations

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core.provider import Check


def remarks(check: Check, address: str, translations: Translations) -> list[str]:
	"""Return what to know about the address that users return to; nothing where the provider takes any."""
	if not check.fixed_return:
		return []
	if address in check.return_addresses:
		return [translations("The redirect address {0} is registered.", address)]
	return [translations("Register this redirect address at the provider, letter by letter: {0}", address)]
