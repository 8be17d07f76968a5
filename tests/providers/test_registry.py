from __future__ import annotations

import subprocess
import sys

import pytest

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.provider import Secret, Subscription
from dokos_banksync.providers import registry
from dokos_banksync.providers.bridge import BridgeProvider
from dokos_banksync.providers.process_stores import ProcessRateLimitStore, ProcessSecretStore
from tests.providers.fake_server import Time

KEYS = Subscription("Ours", {"client_id": "id"}, {"client_secret": Secret("key")})


def make(provider_type: str, time: Time) -> object:
	return registry.make_provider(
		provider_type, KEYS, ProcessSecretStore(time.now), ProcessRateLimitStore(), time.now
	)


@pytest.mark.parametrize("name", ["Bridge", "bridge"])
def test_bridge_is_known(name: str, time: Time) -> None:
	assert isinstance(make(name, time), BridgeProvider)
	assert "Bridge" in registry.provider_types()


def test_an_unknown_one_names_the_known(time: Time) -> None:
	with pytest.raises(ConfigurationError, match=r"Nobody.*Bridge"):
		make("Nobody", time)


def test_another_package_adds_its_own(time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr(registry, "_registered", dict(registry._registered))

	class Theirs(BridgeProvider):
		provider_type = "Theirs"

	registry.register(Theirs)
	assert isinstance(make("theirs", time), Theirs)
	found = registry.provider_types()
	assert found == sorted(found)
	assert {"Bridge", "Theirs"} <= set(found)


@pytest.mark.parametrize("provider_type", registry._BUILT_IN)
def test_a_built_in_provider_is_listed_under_its_own_type(provider_type: str) -> None:
	assert registry.provider_class(provider_type).provider_type == provider_type


def test_a_site_loads_only_the_provider_that_it_uses() -> None:
	code = (
		"import sys, dokos_banksync.hosts.standalone.site\n"
		"from dokos_banksync.providers.registry import provider_class, provider_types\n"
		"assert 'Plaid' in provider_types()\n"
		"provider_class('Ponto')\n"
		"print([one for one in ('bridge', 'plaid', 'ponto', 'salt_edge') if f'dokos_banksync.providers.{one}' in sys.modules])"
	)
	done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
	assert done.stdout.strip() == "['ponto']"
