"""Providers by type. Other packages add theirs under the entry point group `dokos_banksync.providers`."""

from __future__ import annotations

import time
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.provider import (
	Clock,
	Provider,
	RateLimitStore,
	SecretStore,
	Subscription,
)
from dokos_banksync.providers.http import Observer
from dokos_banksync.providers.limits import Sleep

ENTRY_POINTS = "dokos_banksync.providers"
"""An entry point of this group names a provider class, for example `acme = "acme_bank:AcmeProvider"`."""

_BUILT_IN = {
	"Bridge": "dokos_banksync.providers.bridge:BridgeProvider",
	"Enable Banking": "dokos_banksync.providers.enable_banking:EnableBankingProvider",
	"GoCardless": "dokos_banksync.providers.gocardless:GoCardlessProvider",
	"Plaid": "dokos_banksync.providers.plaid:PlaidProvider",
	"Ponto": "dokos_banksync.providers.ponto:PontoProvider",
	"Powens": "dokos_banksync.providers.powens:PowensProvider",
	"Salt Edge": "dokos_banksync.providers.salt_edge:SaltEdgeProvider",
}
"""Classes by type. Each is imported when it is first asked for: a command or a run needs one of them at most."""

_registered: dict[str, type[Provider]] = {}


def register(provider: type[Provider]) -> None:
	"""Add a provider; a later one of the same type (case aside) replaces it."""
	_registered[option_name(provider.provider_type)] = provider


def option_name(provider_type: str) -> str:
	"""Return a provider's type as the command line writes it: `Enable Banking` is `enable-banking`."""
	return "-".join(provider_type.casefold().replace("-", " ").split())


@lru_cache(maxsize=1)
def _discover() -> None:
	for entry in entry_points(group=ENTRY_POINTS):
		register(entry.load())


def provider_types() -> list[str]:
	"""Return the types of all known providers, in alphabetical order."""
	_discover()
	known = {option_name(one): one for one in _BUILT_IN}
	known |= {name: provider.provider_type for name, provider in _registered.items()}
	return sorted(known.values())


def provider_class(provider_type: str) -> type[Provider]:
	"""Return a provider's class. Raises `ConfigurationError` for an unknown type."""
	_discover()
	name = option_name(provider_type)
	if name not in _registered:
		_load_built_in(name)
	found = _registered.get(name)
	if found is None:
		raise ConfigurationError(
			"The provider {0} is unknown. Known ones: {1}.", provider_type, ", ".join(provider_types())
		)
	return found


def make_provider(
	provider_type: str,
	subscription: Subscription,
	secret_store: SecretStore,
	rate_limits: RateLimitStore,
	clock: Clock,
	*,
	sleep: Sleep = time.sleep,
	observe: Observer | None = None,
) -> Provider:
	"""Return the provider for a subscription; `observe` is given every HTTP call.

	Raises `ConfigurationError` for an unknown provider or for credentials that cannot be right.
	"""
	kind = provider_class(provider_type)
	return kind(subscription, secret_store, rate_limits, clock, sleep=sleep, observe=observe)


def _load_built_in(name: str) -> None:
	for provider_type, place in _BUILT_IN.items():
		if option_name(provider_type) == name:
			register(EntryPoint(provider_type, place, ENTRY_POINTS).load())
