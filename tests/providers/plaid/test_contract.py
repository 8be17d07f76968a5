"""The contract of providers, run for Plaid on its sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dokos_banksync.sandbox.plaid.limits import Limits
from tests.providers.contract import Book, ProviderContract, _fetch, _request
from tests.providers.plaid.stage import PlaidStage, at_once, serve


class TestPlaid(ProviderContract):
	"""The fixture `stage` of this folder."""


class TestPlaidWithLimits:
	@pytest.fixture
	def stage(self) -> Iterator[PlaidStage]:
		"""Limits as documented, counted by the clock that our sleeping moves."""
		stages: list[PlaidStage] = []
		limits = Limits.documented(lambda: stages[0].time.passed if stages else 0.0)
		with serve(at_once(), limits) as server:
			stages.append(PlaidStage(server))
			yield stages[0]
			stages[0].close()

	def test_limits_are_never_hit(self, stage: PlaidStage) -> None:
		access = stage.connect(_request())
		accounts = [one.remote_id for one in stage.provider.accounts(access)]
		book = Book.empty()
		for _ in range(8):
			_fetch(stage.provider, access, book, accounts)
		assert len(stage.seen) > 100
		assert {call.status for call in stage.seen} == {200}
		assert stage.time.slept
		assert max(stage.time.slept) <= 62
