"""What banks are told of the user who waits, and that every call of a user's browser tells it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from dokos_banksync.actions import connections, dry_run, missing
from dokos_banksync.actions.presence import from_job, of_browser, to_job
from dokos_banksync.core.provider import Context
from tests.actions.conftest import BANK, PRESENT, Pretend, ask
from tests.actions.test_handlers import choose, connect, leave

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
	("address", "shown"),
	[
		("81.2.69.142", "81.2.69.142"),
		(" 81.2.69.142 ", "81.2.69.142"),
		("2A01:E0A:0000::1", "2a01:e0a::1"),
		("127.0.0.1", ""),
		("192.168.1.20", ""),
		("10.0.0.3", ""),
		("100.64.0.9", ""),
		("fe80::1", ""),
		("81.2.69.142, 10.0.0.1", ""),
		("unknown", ""),
		("", ""),
		(None, ""),
	],
)
def test_only_a_public_address_is_shown_to_a_bank(address: str | None, shown: str) -> None:
	assert of_browser(address, "Firefox").ip_address == shown


def test_a_user_agent_cannot_bring_another_header() -> None:
	found = of_browser("81.2.69.142", "Mozilla/5.0\r\nX-Evil: é1")
	assert found.user_agent == "Mozilla/5.0X-Evil: 1"
	assert len(of_browser("", "x" * 9000).user_agent) == 500


def test_a_browser_that_says_nothing_is_present_all_the_same() -> None:
	assert of_browser(None, None) == Context(user_present=True)


def test_a_job_carries_the_presence_for_a_quarter_of_an_hour() -> None:
	values = to_job(PRESENT, NOW)
	assert all(isinstance(one, str) for one in values.values())
	assert from_job(values, NOW + timedelta(minutes=15)) == PRESENT
	assert from_job(values, NOW + timedelta(minutes=15, seconds=1)) == Context(user_present=True)


def test_a_job_of_the_schedule_has_nobody() -> None:
	assert from_job(None, NOW) is None
	assert from_job({}, NOW) is None


class Spy:
	"""A provider that notes the context of each call and passes it on."""

	def __init__(self, provider: Any, seen: dict[str, Context]) -> None:
		self._provider, self._seen = provider, seen

	def __getattr__(self, name: str) -> Any:
		return getattr(self._provider, name)

	def start(self, request: Any) -> Any:
		self._seen["start"] = request.context
		return self._provider.start(request)

	def accounts(self, access: Any, context: Any = None) -> Any:
		self._seen["accounts"] = context
		return self._provider.accounts(access, context)

	def changes(self, access: Any, requests: Any, context: Any = None) -> Any:
		self._seen["changes"] = context
		return self._provider.changes(access, requests, context)


@pytest.fixture
def seen(context: Pretend, monkeypatch: pytest.MonkeyPatch) -> dict[str, Context]:
	noted: dict[str, Context] = {}
	real = context.site.provider_with
	monkeypatch.setattr(context.site, "provider_with", lambda *made: Spy(real(*made), noted))
	return noted


def test_connecting_states_the_presence(context: Pretend, seen: dict[str, Context]) -> None:
	connect(context)
	assert seen == {"start": PRESENT, "accounts": PRESENT}


def test_reconnecting_and_looking_for_accounts_state_the_presence(
	context: Pretend, seen: dict[str, Context]
) -> None:
	connect(context)
	name = context.connections(BANK)[0].name
	seen.clear()
	ask(connections.fetch_accounts, context, connection=name)
	assert seen == {"accounts": PRESENT}
	ask(connections.begin_reconnect, context, connection=name)
	assert seen["start"] == PRESENT


def test_previews_and_looks_at_the_bank_state_the_presence(
	context: Pretend, seen: dict[str, Context]
) -> None:
	row = connect(context)[0]
	context.site.ledger.add_bank_account("Compte", BANK, row["currency"])
	choose(context, row, bank_account="Compte")
	name = context.connections(BANK)[0].name
	seen.clear()
	ask(dry_run.preview_connection, context, connection=name)
	assert seen == {"accounts": PRESENT, "changes": PRESENT}
	seen.clear()
	ask(missing.find_missing, context, bank_account="Compte")
	assert seen["changes"] == PRESENT


def test_a_visit_that_is_left_states_the_presence_too(context: Pretend, seen: dict[str, Context]) -> None:
	leave(context, company="One")
	assert seen == {"start": PRESENT}
