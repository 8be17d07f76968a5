"""A run names each account that failed alone."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core.errors import InstitutionDown, LoginRequired, SyncError
from dokos_banksync.core.importing.failed_accounts import record_failed
from dokos_banksync.core.records import RunRecord
from dokos_banksync.core.trigger import Trigger

NAMES = {"a": "Savings", "b": "Loan"}


@pytest.fixture
def run() -> RunRecord:
	return RunRecord("", "SYNC-CONN-00001", Trigger.MANUAL, datetime(2026, 11, 29, tzinfo=timezone.utc))


def told(run: RunRecord, **errors: SyncError) -> str:
	record_failed(run, errors, NAMES)
	return str(run.error_message)


def test_nothing_is_said_where_no_account_failed(run: RunRecord) -> None:
	assert (told(run), run.error_code) == ("", "")


def test_the_account_stands_before_the_sentence(run: RunRecord) -> None:
	assert told(run, a=InstitutionDown("The bank does not answer.", reference="r1")) == (
		"Savings: The bank does not answer."
	)
	assert (run.error_code, run.error_reference) == ("BS-401", "r1")


def test_a_sentence_that_names_the_account_is_left_as_it_is(run: RunRecord) -> None:
	assert told(run, b=LoginRequired("Share {0} again", "Loan")) == "Share Loan again"


def test_several_accounts_are_all_named(run: RunRecord) -> None:
	said = told(run, a=InstitutionDown("The bank is down"), b=LoginRequired("Sign in."))
	assert said == "Savings: The bank is down. Loan: Sign in."
	assert run.error_code == "BS-401"


def test_what_was_said_is_replaced_and_not_repeated(run: RunRecord) -> None:
	told(run, a=InstitutionDown("Down."))
	assert told(run, a=InstitutionDown("Down."), b=InstitutionDown("Down.")) == "Savings: Down. Loan: Down."


def test_the_whole_is_translated(run: RunRecord) -> None:
	told(run, a=InstitutionDown("The bank does not answer. We try again later."))
	assert Translations("fr")(run.error_message).startswith(
		"Savings\N{NO-BREAK SPACE}: La banque ne répond pas."
	)
