"""The address that users return to, where a provider has it registered."""

from __future__ import annotations

import pytest

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.return_address import remarks
from dokos_banksync.core.provider import Check

OURS = "https://books.example/return"


@pytest.mark.parametrize(
	("check", "said"),
	[
		(Check(1), []),
		(
			Check(1, fixed_return=True, return_addresses=[OURS]),
			[f"The redirect address {OURS} is registered."],
		),
		(
			Check(1, fixed_return=True, return_addresses=[f"{OURS}/"]),
			[f"Register this redirect address at the provider, letter by letter: {OURS}"],
		),
		(
			Check(1, fixed_return=True),
			[f"Register this redirect address at the provider, letter by letter: {OURS}"],
		),
	],
)
def test_what_is_said_of_the_address(check: Check, said: list[str]) -> None:
	assert remarks(check, OURS, Translations("en")) == said


def test_it_is_said_in_french_too() -> None:
	[said] = remarks(Check(1, fixed_return=True), OURS, Translations("fr"))
	assert said.startswith("Déclarez")
	assert said.endswith(OURS)
