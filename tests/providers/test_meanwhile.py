"""What a user does to a connection while it is fetched, with each provider: the run does not undo it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from dokos_banksync.core.errors import InvalidData, SyncError
from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.core.progress import Stage
from dokos_banksync.hosts.standalone.site import Site
from tests.providers.bad_input import PROVIDERS, Story, story
from tests.providers.whole_way import PROVIDER

EACH = pytest.mark.parametrize("name", PROVIDERS)


def fetch_while(made: Story, happens: Callable[[Site], object]) -> None:
	"""Fetch; once the first rows are there, another process does something. A refusal that follows ends the run."""
	happened: list[Stage] = []

	def between(stage: Stage, *_: object) -> None:
		if not happened:
			happened.append(stage)
			with Site(made.way.site.home, clock=made.server.world.clock.now) as other:
				happens(other)

	with suppress(SyncError):
		made.way.site.sync(made.way.connection, progress=between)
	assert happened == [Stage.FETCH]


@EACH
def test_a_connection_that_is_disconnected_stays_so(tmp_path: Path, name: str) -> None:
	with story(tmp_path, name) as made:
		site, connection = made.way.site, made.way.connection
		made.way.sync()
		held = made.way.held()
		made.pass_days(2)
		fetch_while(made, lambda other: other.disconnect(connection))
		record = site.ledger.connection(connection)
		assert (record.status, record.remote_id, record.status_message) == (
			ConnectionStatus.DISCONNECTED,
			"",
			"Disconnected by a user",
		)
		assert site.schedule_store.read(connection).next_run_at is None
		assert site.ledger.grant(connection).read() is None
		assert held <= made.way.held() <= made.way.truth()


@EACH
def test_a_consent_that_is_renewed_counts(tmp_path: Path, name: str) -> None:
	"""The run read the old state before, and may fail with the old consent."""
	with story(tmp_path, name) as made:
		ledger, connection = made.way.site.ledger, made.way.connection
		made.way.sync()
		before = ledger.connection(connection)
		made.server.world.clock.advance(timedelta(days=2))
		made.server.world.refresh()
		mine = made.way.site

		def renew(other: Site) -> None:
			made.way.site = other
			made.way.renew(made.user)
			made.way.site = mine

		fetch_while(made, renew)
		record = ledger.connection(connection)
		assert record.status is ConnectionStatus.ACTIVE
		assert record.consent_expires_at is not None
		assert before.consent_expires_at is not None
		assert record.consent_expires_at > before.consent_expires_at
		made.server.world.clock.advance(timedelta(minutes=2))  # limits per minute are kept
		made.way.sync()
		assert made.way.held() == made.way.truth()


@EACH
def test_a_provider_whose_connection_is_fetched_is_not_removed(tmp_path: Path, name: str) -> None:
	with story(tmp_path, name) as made:
		made.way.sync()
		made.pass_days(1)

		def remove(other: Site) -> None:
			with pytest.raises(InvalidData, match="has connections"):
				other.remove_provider(PROVIDER)

		fetch_while(made, remove)
		assert made.way.held() == made.way.truth()
