"""An account that is connected anew is recognised by its recent transactions."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from dokos_banksync.core.connection import connect
from dokos_banksync.core.connection.completing import complete_connect
from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.core.errors import TemporaryError
from dokos_banksync.core.model import Action, Decision, Line, LineState, Page
from dokos_banksync.core.provider import Capabilities
from dokos_banksync.core.trigger import Trigger
from tests.core.connection.test_connect import Provider, account
from tests.core.pretend import START
from tests.hosts.standalone.ledger.build import connected_ledger

FOUR = [
	("2026-03-02", "-12.50", "CB CAFE DU PORT"),
	("2026-03-02", "-12.50", "CB CAFE DU PORT"),
	("2026-03-05", "-840.00", "PRLV LOYER MARS"),
	("2026-03-09", "2100.00", "VIR SALAIRE"),
]
LATER = [("2026-05-04", "-9.00", "CB TRAIN"), ("2026-05-06", "-11.00", "CB CINEMA")]


def line(remote_account, number, day, amount, label, state=LineState.BOOKED):
	return Line(
		remote_account, f"{number}", date.fromisoformat(day), Decimal(amount), "EUR", label, label, state
	)


class WithTransactions(Provider):
	"""A provider that gives rows for each account, a page each, and counts how often it was asked."""

	def __init__(self, *accounts, rows):
		super().__init__(*accounts)
		self.rows, self.requests = rows, []

	def changes(self, access, requests, context=None):
		self.requests += requests
		for one in requests:
			given = self.rows[one.remote_account]
			yield Page([line(one.remote_account, n, *row) for n, row in enumerate(given)])


class Failing(WithTransactions):
	def changes(self, access, requests, context=None):
		self.requests += requests
		raise TemporaryError("The bank does not answer")


class Scarce(WithTransactions):
	capabilities = Capabilities(reread=False)


@pytest.fixture
def ledger(tmp_path):
	"""Two accounts of a bank that was disconnected, each with transactions of its own."""
	ledger, first = connected_ledger(tmp_path)
	with ledger:
		old = [account("1", iban="", name="Livret"), account("2", iban="", name="Livret")]
		complete_connect(ledger, Provider(*old), first, {})
		for record, name in zip(ledger.accounts(first), ("Savings", "Reserve"), strict=True):
			connect.link(ledger, first, [Choice(record.source, name)])
		store(ledger, first, "1", "Savings", FOUR)
		store(ledger, first, "2", "Reserve", [("2026-03-03", "-1.00", "FRAIS"), *FOUR[3:]])
		connect.disconnect(ledger, Provider(), first)
		yield ledger


def store(ledger, connection, remote_id, bank_account, rows):
	run = ledger.begin_run(connection, Trigger.MANUAL, START)
	[source] = [a.source for a in ledger.accounts(connection) if a.remote.remote_id == remote_id]
	made = [
		Decision(Action.NEW, line(remote_id, n, *row), source, bank_account) for n, row in enumerate(rows)
	]
	with ledger.batch() as batch:
		batch.apply(run.name, made, START)


def connected(ledger, provider):
	name = ledger.add_connection("Banque du Port", "bridge").name
	complete_connect(ledger, provider, name, {})
	return name


def proposal(ledger, rows, kind=WithTransactions, **other):
	provider = kind(account("9", iban="", **{"name": "Compte épargne", **other}), rows={"9": rows})
	[found] = connect.proposals(ledger, connected(ledger, provider))
	return found, provider


def test_the_account_that_holds_the_same_transactions_is_preselected_with_their_count(ledger):
	found, _ = proposal(ledger, [*FOUR, *LATER])
	assert found.bank_account == "Savings"
	assert [one.evidence for one in found.candidates] == [
		"It holds 4 of 4 recent transactions of the account"
	]


def test_the_transactions_say_which_of_two_accounts_of_one_name_it_is(ledger):
	found, _ = proposal(ledger, FOUR, name="Livret")
	assert found.bank_account == "Savings"
	assert [(one.bank_account, one.evidence) for one in found.candidates] == [
		("Savings", "It holds 4 of 4 recent transactions of the account"),
		("Reserve", "Fed until now by an account of the same name and kind"),
	]


def test_another_label_for_the_same_transaction_counts(ledger):
	rows = [(day, amount, label.lower().replace("prlv", "Prélèvement")) for day, amount, label in FOUR]
	found, _ = proposal(ledger, rows)
	assert found.bank_account == "Savings"


@pytest.mark.parametrize(
	"rows",
	[
		FOUR[:2],
		[FOUR[0]] * 5,
		[(day, amount, "SOMETHING ELSE") for day, amount, _ in FOUR],
		[(day.replace("-03-", "-04-"), amount, label) for day, amount, label in FOUR],
		[*FOUR[1:], *[("2026-03-04", f"-{n}.00", "CB X") for n in range(1, 5)]],
		[(*row, LineState.PENDING) for row in FOUR],
	],
	ids=["too few", "twins beyond those stored", "labels", "days", "less than half", "pending"],
)
def test_what_shows_nothing_is_no_evidence(ledger, rows):
	found, _ = proposal(ledger, rows)
	assert (found.bank_account, list(found.candidates)) == ("", [])


def test_the_question_before_a_new_account_names_the_evidence(ledger):
	name = connected(ledger, WithTransactions(account("9", iban="", name="Épargne"), rows={"9": FOUR}))
	[record] = ledger.accounts(name)
	with pytest.raises(connect.ConfirmationRequired, match="holds 4 of 4 recent transactions"):
		connect.link(ledger, name, [Choice(record.source, "New one", confirmed=False)])


def test_one_read_is_made_and_what_it_found_is_remembered(ledger):
	_, provider = proposal(ledger, FOUR)
	[asked] = provider.requests
	# The earliest last day of the two Bank Accounts is 9 March: 45 days before it is 23 January.
	assert (asked.remote_account, asked.cursor, asked.first_day) == ("9", "", date(2026, 1, 23))
	[record] = [one for one in ledger.connections() if one.status.value == "Active"]
	connect.refresh(ledger, provider, record.name)
	assert len(provider.requests) == 1
	assert connect.proposals(ledger, record.name)[0].bank_account == "Savings"


def test_what_was_found_is_remembered_for_thirty_days_of_the_sites_clock(ledger):
	now = START
	ledger.clock = lambda: now
	name = connected(ledger, WithTransactions(account("9", iban="", name="Épargne"), rows={"9": FOUR}))
	now = START + timedelta(days=29)
	assert connect.proposals(ledger, name)[0].bank_account == "Savings"
	now = START + timedelta(days=31)
	assert connect.proposals(ledger, name)[0].bank_account == ""


def test_no_call_is_made_where_calls_are_scarce(ledger):
	found, provider = proposal(ledger, FOUR, Scarce)
	assert (found.bank_account, provider.requests) == ("", [])


def test_no_call_is_made_where_there_is_nothing_to_compare_with(ledger):
	_, provider = proposal(ledger, FOUR, currency="USD")
	assert provider.requests == []


def test_a_provider_that_does_not_answer_yet_leaves_the_connection_as_it_is(ledger):
	found, provider = proposal(ledger, FOUR, Failing)
	assert (found.bank_account, len(provider.requests)) == ("", 1)


def test_lines_that_are_stored_already_are_compared_without_a_call(ledger):
	name = connected(ledger, Provider())
	record = ledger.connection(name)
	[source] = [one.source for one in ledger.save_accounts(name, [account("9", iban="", name="Épargne")])]
	run = ledger.begin_run(name, Trigger.MANUAL, START)
	with ledger.batch() as batch:
		held = [Decision(Action.HOLD, line("9", n, *row), source, "Reserve") for n, row in enumerate(FOUR)]
		batch.apply(run.name, held, START)
	provider = WithTransactions(account("9", iban="", name="Épargne"), rows={"9": []})
	connect.refresh(ledger, provider, record.name)
	assert provider.requests == []
	assert connect.proposals(ledger, name)[0].bank_account == "Savings"
