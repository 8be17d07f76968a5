"""Providers by name. Another package adds its own with `register`, for instance as it is imported."""

from __future__ import annotations

import time
from typing import Protocol

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.provider import Clock, Provider, RateLimitStore, SecretStore, Subscription
from dokos_banksync.providers.bridge import BridgeProvider
from dokos_banksync.providers.http import Observer
from dokos_banksync.providers.limits import Sleep


class Factory(Protocol):
	"""Makes a connector; a connector class with these arguments is one."""

	def __call__(
		self,
		subscription: Subscription,
		memory: SecretStore,
		tally: RateLimitStore,
		clock: Clock,
		*,
		sleep: Sleep,
		observe: Observer | None,
	) -> Provider: ...


_factories: dict[str, tuple[str, Factory]] = {}


def register(provider_type: str, factory: Factory) -> None:
	"""Make a provider known under its name (case aside); a later one of the same name replaces it."""
	_factories[provider_type.casefold()] = (provider_type, factory)


def provider_types() -> list[str]:
	"""Names of the known providers, in alphabetical order."""
	return sorted(name for name, _factory in _factories.values())


def connector(
	provider_type: str,
	subscription: Subscription,
	memory: SecretStore,
	tally: RateLimitStore,
	clock: Clock,
	sleep: Sleep = time.sleep,
	observe: Observer | None = None,
) -> Provider:
	"""The connector for a subscription. `observe` is told of every HTTP call.

	Raises `ConfigurationError` for an unknown provider or for keys that cannot be any.
	"""
	if provider_type.casefold() not in _factories:
		raise ConfigurationError(
			"The provider {0} is unknown. Known ones: {1}.", provider_type, ", ".join(provider_types())
		)
	_name, factory = _factories[provider_type.casefold()]
	return factory(subscription, memory, tally, clock, sleep=sleep, observe=observe)


register(BridgeProvider.provider_type, BridgeProvider)
