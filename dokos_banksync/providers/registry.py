"""Providers by type. Other packages add theirs under the entry point group `dokos_banksync.providers`."""

from __future__ import annotations

import time
from functools import lru_cache
from importlib.metadata import entry_points

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.provider import (
	Clock,
	Provider,
	RateLimitStore,
	SecretStore,
	Subscription,
)
from dokos_banksync.providers.bridge import BridgeProvider
from dokos_banksync.providers.enable_banking import EnableBankingProvider
from dokos_banksync.providers.gocardless import GoCardlessProvider
from dokos_banksync.providers.http import Observer
from dokos_banksync.providers.limits import Sleep
from dokos_banksync.providers.plaid import PlaidProvider
from dokos_banksync.providers.ponto import PontoProvider
from dokos_banksync.providers.powens import PowensProvider
from dokos_banksync.providers.salt_edge import SaltEdgeProvider

ENTRY_POINTS = "dokos_banksync.providers"
"""An entry point of this group names a provider class, for example `acme = "acme_bank:AcmeProvider"`."""


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
	return sorted(provider.provider_type for provider in _registered.values())


def provider_class(provider_type: str) -> type[Provider]:
	"""Return a provider's class. Raises `ConfigurationError` for an unknown type."""
	_discover()
	found = _registered.get(option_name(provider_type))
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


_PROVIDERS: tuple[type[Provider], ...] = (
	BridgeProvider,
	EnableBankingProvider,
	GoCardlessProvider,
	PlaidProvider,
	PontoProvider,
	PowensProvider,
	SaltEdgeProvider,
)
for _provider in _PROVIDERS:
	register(_provider)
