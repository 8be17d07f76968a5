from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from dokos_banksync.core.provider import Access, Secret, Subscription
from dokos_banksync.providers.bridge import BridgeProvider
from dokos_banksync.providers.process_stores import ProcessRateLimitStore, ProcessSecretStore
from tests.providers.fake_server import Reply, Script, Time, serving

USER = "5d0a1c52-8c1b-4a55-9f6e-3f1b2c7d9e10"
ACCESS = Access(USER, "700001")
TOKEN = "c0ffee-token"
SECRET = "very-secret-key"


@pytest.fixture
def time() -> Time:
	return Time()


@pytest.fixture
def script() -> Iterator[Script]:
	token = {"access_token": TOKEN, "expires_at": "2026-10-28T14:00:00.000Z", "user": {"uuid": USER}}
	with serving(Script({"POST /v3/aggregation/authorization/token": Reply(200, token)})) as script:
		yield script


@pytest.fixture
def make(script: Script, time: Time) -> Iterator[Callable[..., BridgeProvider]]:
	"""Makes a provider that calls the scripted server; keywords change its subscription."""
	made: list[BridgeProvider] = []

	def _make(**changes: object) -> BridgeProvider:
		texts = {"client_id": str(changes.pop("client_id", "id"))}
		secrets = {"client_secret": changes.pop("client_secret", Secret(SECRET))}
		keys = {"name": "Bridge", "texts": texts, "secrets": secrets, "base_url": script.url}
		subscription = Subscription(**{**keys, **changes})  # type: ignore[arg-type]
		secret_store = ProcessSecretStore(time.now)
		made.append(
			BridgeProvider(subscription, secret_store, ProcessRateLimitStore(), time.now, sleep=time.sleep)
		)
		return made[-1]

	yield _make
	for provider in made:
		provider.close()


@pytest.fixture
def bridge(make: Callable[..., BridgeProvider]) -> BridgeProvider:
	return make()
