"""The contract of providers, run for Salt Edge on its sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from dokos_banksync.sandbox.salt_edge.keys import public_pem
from dokos_banksync.sandbox.salt_edge.model import Client, Settings
from tests.providers.contract import ProviderContract
from tests.providers.salt_edge.stage import SaltStage, at_once, serve

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
	serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()


class TestSaltEdge(ProviderContract):
	"""The fixture `stage` of this folder."""


class TestSaltEdgeWithSignatures(ProviderContract):
	"""A client that must sign, whose customers are numbers under another name."""

	@pytest.fixture
	def stage(self) -> Iterator[SaltStage]:
		habits = Settings(stage_time=at_once().stage_time, customer_key="id", integer_customer_ids=True)
		with serve(habits, Client(public_key=public_pem(KEY))) as server:
			made = SaltStage(server, private_key=PEM)
			yield made
			made.close()
