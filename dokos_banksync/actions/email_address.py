"""The user's e-mail address, which only some providers need to connect a bank."""

from __future__ import annotations

import re
from collections.abc import Callable

from dokos_banksync.actions.site import Site
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.providers.registry import provider_class

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


def email_for(site: Site, provider: str, ask: Callable[[], str]) -> str:
	"""Return the address that a provider needs; an empty text where it needs none, and then `ask` is not called.

	Raises `InvalidData` where the answer is no address.
	"""
	provider_type, _ = site.ledger.subscription(provider)
	if not provider_class(provider_type).capabilities.needs_email:
		return ""
	return checked_email(ask())


def checked_email(given: str) -> str:
	"""Return an e-mail address without the blanks around it. Raises `InvalidData` for anything else."""
	address = given.strip()
	if not address:
		raise InvalidData("The provider requires your e-mail address: enter it")
	if not _ADDRESS.fullmatch(address):
		raise InvalidData("{0} is not an e-mail address: it looks like name@example.com", address)
	return address
