"""No text of a provider, a file or a user runs as a script on the standalone site: a payload in every field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect

from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.core.model import Action, Decision, Line, LineState, Reason
from dokos_banksync.core.records import CategoryChange
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.hosts.standalone.web import WebServer
from tests.browser.conftest import Desk, window
from tests.hosts.standalone.web.conftest import PROVIDER, connected

pytestmark = pytest.mark.browser

DAY = date(2026, 11, 2)
SCRIPT = '<img src=x onerror="window.banksync_hit=1">'
SHOWN = """(text) => {
	banksync.listen({ frm: cur_frm });
	banksync.show_progress({ title: text, percent: 10, description: text });
	banksync.show_outcome({ message: text, indicator: "green", run: text });
	banksync.show_outcome({ message: text, indicator: "red", code: text, reference: text });
	banksync.announce({ message: text, indicator: "orange" });
	banksync.show_progress({ title: text, percent: 20, description: text });
}"""


class Poisoned(NamedTuple):
	"""The names of what has the payloads."""

	bank: str
	account: str
	connection: str
	run: str
	transaction: str
	line: str


@pytest.fixture
def poisoned(site: Site) -> Poisoned:
	ledger = site.ledger
	connection = connected(site)
	proposal = next(one for one in site.proposals(connection) if one.remote.enabled)
	account = f"Account {SCRIPT}"
	site.link(connection, [Choice(proposal.source, account)])
	remote = [one.remote for one in ledger.accounts(connection)]
	ledger.save_accounts(connection, [replace(one, account_name=SCRIPT, kind=SCRIPT) for one in remote])
	ledger.change_categories("Bridge", [CategoryChange("", "payload", f"{SCRIPT} category", "")])
	ledger.add_category(f"{SCRIPT} mine")
	run = ledger.begin_run(connection, Trigger.FILE, site.clock(), SCRIPT)
	made = [Decision(Action.NEW, line(number), proposal.source, account) for number in range(1, 4)]
	held = Decision(Action.HOLD, line(9), proposal.source, account, reason=Reason.LOCKED, note=SCRIPT)
	with ledger.batch() as batch:
		assert batch.apply(run.name, [*made, held], site.clock()) == []
	failed = {"error_code": SCRIPT, "error_message": SCRIPT, "error_reference": SCRIPT}
	ledger.save_run(replace(run, ended_at=site.clock(), **failed))
	record = ledger.connection(connection)
	status = {"status_code": SCRIPT, "status_message": SCRIPT, "status_reference": SCRIPT}
	ledger.save_connection(replace(record, **status))
	ledger.add_bank(f"Bank {SCRIPT}")
	lines = ledger.db.rows("SELECT name, bank_transaction FROM sync_line WHERE remote_id LIKE 'payload-%'")
	names = {bool(row["bank_transaction"]): row for row in lines}
	return Poisoned(
		bank=record.bank,
		account=account,
		connection=connection,
		run=run.name,
		transaction=names[True]["bank_transaction"],
		line=names[False]["name"],
	)


def line(number: int) -> Line:
	"""A booked line of one payment out; every text of it is the payload."""
	texts = dict.fromkeys(("kind", "party_name", "party_iban", "reference"), SCRIPT)
	return Line(
		remote_account="1",
		remote_id=f"payload-{number}",
		date=DAY,
		amount=Decimal(f"-{number}.31"),
		currency="EUR",
		description=SCRIPT,
		original=SCRIPT,
		state=LineState.BOOKED,
		category="payload",
		**texts,
	)


DIALOGS = """async ([bank, account]) => {
	const wait = (ms) => new Promise((soon) => setTimeout(soon, ms));
	for (const name of ["duplicates_dialog", "questions_dialog", "proof_dialog", "missing_dialog"]) {
		banksync[name](account);
		await wait(400);
		document.querySelectorAll("dialog[open] .btn-primary").forEach((button) => button.click());
		await wait(400);
		document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
	}
}"""


def assert_nothing_ran(desk: Desk, where: str) -> None:
	desk.page.wait_for_timeout(150)  # an image that cannot be loaded takes a moment to fail
	assert not desk.page.evaluate("window.banksync_hit"), where
	assert desk.page.locator("img[src=x]").count() == 0, where


@pytest.fixture
def hostile(browser: Browser, server: WebServer) -> Iterator[Desk]:
	context, desk = window(browser, server, "en-GB")
	yield desk
	context.close()


def test_no_page_runs_what_a_provider_a_file_or_a_user_wrote(hostile: Desk, poisoned: Poisoned) -> None:
	"""No element of the payload comes to be either: that a policy stops its script is the second line of defence."""
	paths = [
		*("/", "/bank", "/bank-account", "/bank-transaction", "/bank-transaction-category"),
		*("/sync-connection", "/sync-run", "/sync-provider", "/sync-certificate", "/new/bank-account"),
		f"/bank/{quote(poisoned.bank, safe='')}",
		f"/bank/{quote(f'Bank {SCRIPT}', safe='')}",
		f"/bank-account/{quote(poisoned.account, safe='')}",
		f"/bank-transaction?bank_account={quote(poisoned.account, safe='')}",
		f"/bank-transaction/{poisoned.transaction}",
		f"/sync-line/{poisoned.line}",
		f"/sync-connection/{poisoned.connection}",
		f"/sync-run/{poisoned.run}",
		f"/sync-provider/{quote(PROVIDER)}",
	]
	for path in paths:
		hostile.open(path)
		assert_nothing_ran(hostile, path)


def test_no_message_and_no_dialog_runs_it(hostile: Desk, poisoned: Poisoned) -> None:
	hostile.open(f"/bank/{quote(poisoned.bank, safe='')}")
	hostile.page.evaluate(SHOWN, SCRIPT)
	expect(hostile.page.locator("#progress")).to_contain_text("onerror")
	assert_nothing_ran(hostile, "messages")
	hostile.open(f"/bank/{quote(poisoned.bank, safe='')}")
	hostile.page.evaluate("bank => { banksync.accounts_dialog(bank) }", poisoned.bank)
	expect(hostile.dialog).to_contain_text("onerror")
	assert_nothing_ran(hostile, "Update bank accounts")
	hostile.open(f"/bank-account/{quote(poisoned.account, safe='')}")
	hostile.page.evaluate(DIALOGS, [poisoned.bank, poisoned.account])
	assert_nothing_ran(hostile, "dialogs of a Bank Account")
	hostile.open(f"/bank-transaction/{poisoned.transaction}")
	hostile.page.evaluate("name => { banksync.explain_transaction(name) }", poisoned.transaction)
	expect(hostile.dialog).to_contain_text("Imported as new")
	assert_nothing_ran(hostile, "Where it comes from")


def test_a_category_keeps_its_title_letter_by_letter(hostile: Desk, poisoned: Poisoned) -> None:
	hostile.open("/bank-transaction-category")
	expect(hostile.page.locator("main, body").first).to_contain_text(f"{SCRIPT} mine")
	expect(hostile.page.locator("main, body").first).to_contain_text(f"{SCRIPT} category")
