"""Credentials that turn something on, and the environment that they state."""

from __future__ import annotations

import pytest

from dokos_banksync.core.subscription import Subscription, stated_environment


@pytest.mark.parametrize(("texts", "on"), [({}, False), ({"x": "no"}, False), ({"x": " yes "}, True)])
def test_something_is_on_only_where_yes_was_entered(texts: dict[str, str], on: bool) -> None:
	assert Subscription("Mine", texts).is_on("x") is on


@pytest.mark.parametrize(
	("texts", "environment"),
	[
		({"environment": "sandbox"}, "Sandbox"),
		({"environment": "production"}, "Production"),
		({"environment": " sandbox "}, "Sandbox"),
		({"environment": "trial"}, ""),
		({}, ""),
	],
)
def test_the_environment_that_a_credential_states(texts: dict[str, str], environment: str) -> None:
	assert stated_environment(texts) == environment
