"""How each kind of error ends a command and answers a request."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal

import pytest

from dokos_banksync.core import errors

NOW = datetime(2026, 3, 10, tzinfo=timezone.utc)


@pytest.mark.parametrize(
	("error", "exit_code", "status"),
	[
		(errors.SyncError("x"), 1, 500),
		(errors.ConfigurationError("x"), 3, 422),
		(errors.LoginRequired("x"), 4, 409),
		(errors.ConsentExpired("x"), 4, 409),
		(errors.ConsentRevoked("x"), 4, 409),
		(errors.RateLimited("x", until=NOW), 5, 429),
		(errors.TemporaryError("x"), 6, 503),
		(errors.InstitutionDown("x"), 6, 503),
		(errors.UnsupportedByInstitution("x"), 7, 422),
		(errors.DuplicateConnection("x"), 7, 409),
		(errors.InvalidData("x"), 8, 422),
		(errors.PlanChanged("x"), 8, 422),
		(errors.NotFound("x"), 9, 404),
		(errors.Busy("x"), 10, 409),
		(errors.ProviderBug("x"), 11, 502),
	],
)
def test_each_kind_has_its_exit_code_and_status(error, exit_code, status):
	assert (error.exit_code, error.http_status) == (exit_code, status)


def test_amounts_and_days_stay_what_they_are_and_are_plain_in_the_sentence():
	values = (Decimal("1234.50"), date(2026, 11, 30), NOW)
	error = errors.InvalidData("{0} on {1} at {2}, {3}", *values, 7)
	assert error.message.values == (*values, "7")
	assert str(error) == "1234.50 on 2026-11-30 at 2026-03-10 00:00:00+00:00, 7"
