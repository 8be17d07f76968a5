"""What the embedded ledger keeps for the schedule and for webhooks."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timezone

import pytest

from dokos_banksync.core.connection.schedule import ScheduleEntry
from dokos_banksync.core.errors import NotFound
from dokos_banksync.hosts.storage.schedule_store import StoredSchedule
from tests.hosts.standalone.ledger.build import connected_ledger

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=timezone.utc)


@pytest.fixture
def made(tmp_path):
	ledger, connection = connected_ledger(tmp_path)
	with ledger:
		yield ledger, connection


def test_a_schedule_is_kept_and_stays_when_the_connection_is_saved(made):
	ledger, connection = made
	schedule_store = StoredSchedule(ledger.db, ledger.codec)
	assert schedule_store.read(connection).next_run_at is None
	message = ScheduleEntry("6 hours", NOW, 7, "Action Required BS-210")
	schedule_store.set_frequency(connection, "6 hours")
	schedule_store.write(connection, message)
	ledger.save_connection(ledger.connection(connection))
	assert schedule_store.read(connection) == message
	assert schedule_store.all() == {connection: message}


def test_a_connection_that_is_not_there_has_no_schedule(made):
	with pytest.raises(NotFound):
		StoredSchedule(made[0].db, made[0].codec).read("SYNC-CONN-99999")


def test_webhook_secrets_are_several_and_locked(made, tmp_path):
	ledger, connection = made
	provider = ledger.connection(connection).provider
	assert ledger.subscription(provider)[1].webhook_secrets == []
	ledger.set_webhook_secret(provider, "whsec-old\n\n whsec-new \n")
	secrets = ledger.subscription(provider)[1].webhook_secrets
	assert [secret.reveal() for secret in secrets] == ["whsec-old", "whsec-new"]
	assert ledger.subscription(provider)[1].secret("client_secret").reveal()
	with closing(sqlite3.connect(ledger.db.path)) as db:
		dump = "\n".join(db.iterdump())
	assert "whsec" not in dump
	ledger.set_webhook_secret(provider, "")
	assert ledger.subscription(provider)[1].webhook_secrets == []
	with pytest.raises(NotFound):
		ledger.set_webhook_secret("nobody", "x")
