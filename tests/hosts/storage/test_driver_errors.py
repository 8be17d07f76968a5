"""Errors of a driver are distinguished by their classes, which the connection names."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from dokos_banksync.hosts.storage.driver_errors import DriverErrors


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
	made = sqlite3.connect(":memory:")
	made.execute("CREATE TABLE rate (name TEXT PRIMARY KEY NOT NULL)")
	yield made
	made.close()


def test_a_value_against_a_constraint_is_a_rejected_value(database: sqlite3.Connection) -> None:
	errors = DriverErrors.of(database)
	database.execute("INSERT INTO rate VALUES ('EUR')")
	for value in ("EUR", None):
		with pytest.raises(errors.rejected_value):
			database.execute("INSERT INTO rate VALUES (?)", (value,))


def test_a_wrong_statement_is_no_rejected_value(database: sqlite3.Connection) -> None:
	with pytest.raises(sqlite3.Error) as raised:
		database.execute("SELECT * FROM elsewhere")
	assert not isinstance(raised.value, DriverErrors.of(database).rejected_value)


def test_a_database_that_cannot_be_opened_is_a_lost_session(database: sqlite3.Connection) -> None:
	with pytest.raises(DriverErrors.of(database).lost_session):
		sqlite3.connect("/nowhere/at/all/site.db")
