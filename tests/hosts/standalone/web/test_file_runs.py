"""The import of a file among the runs of feeds."""

from __future__ import annotations

import re
from datetime import timedelta

from dokos_banksync.actions.file_import import ImportOptions, prepare, take
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.message import Message
from dokos_banksync.core.records import RunStatus
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.standalone.site import Site
from tests.effort import hang_guard
from tests.hosts.standalone.web.conftest import BANK, Visitor


def test_the_import_of_a_file_has_a_page_of_its_own(site: Site, visitor: Visitor) -> None:
	site.ledger.add_bank_account("Current", BANK, "EUR")
	table = "Date;Libellé;Montant\n13/11/2026;CB CAFE;-3,20\n14/11/2026;X;abc\n".encode()
	run = take(
		site.ledger, prepare(site.ledger, "Current", "a.csv", table, ImportOptions()), clock=site.clock
	)
	page = visitor.get(f"/sync-run/{run.name}")
	assert page.status_code == 200
	assert "File a.csv" in page.text
	assert '/sync-connection/"' not in page.text
	assert run.name in visitor.get("/sync-run").text
	assert "CB CAFE" in visitor.get("/bank-transaction").text


def test_a_bank_that_files_feed_has_its_last_import(site: Site, visitor: Visitor) -> None:
	ledger = site.ledger
	ledger.add_bank_account("Current", BANK, "EUR")
	ledger.add_bank_account("Elsewhere", "Second bank", "EUR")
	table = b"Date;Label;Amount\n13/11/2026;CAFE;-3,20\n"
	moment = f"{site.clock().astimezone():%H:%M}</td>"
	assert moment not in visitor.get("/bank").text
	run = take(ledger, prepare(ledger, "Current", "a.csv", table, ImportOptions()), clock=site.clock)
	assert ledger.latest_file_imports() == {BANK: run.ended_at}
	assert visitor.get("/bank").text.count(moment) == 1
	assert f"/sync-run/{run.name}" in visitor.get(f"/bank/{BANK}").text
	assert f"/sync-run/{run.name}" not in visitor.get("/bank/Second%20bank").text


def test_a_file_that_brings_nothing_new_counts_and_one_that_failed_does_not(site: Site) -> None:
	ledger = site.ledger
	ledger.add_bank_account("Current", BANK, "EUR")
	table = b"Date;Label;Amount\n13/11/2026;CAFE;-3,20\n"
	for day in (1, 2):
		run = take(
			ledger,
			prepare(ledger, "Current", "a.csv", table, ImportOptions()),
			clock=lambda day=day: site.clock() + timedelta(days=day),
		)
	assert run.unchanged == 1
	failed = ledger.begin_run("", Trigger.FILE, site.clock() + timedelta(days=3), "b.csv")
	failed.status = RunStatus.FAILED
	ledger.save_run(failed)
	assert ledger.latest_file_imports() == {BANK: run.ended_at}


def test_a_row_that_cannot_be_read_has_a_page_with_its_text_and_the_reason(
	site: Site, visitor: Visitor
) -> None:
	site.ledger.add_bank_account("Current", BANK, "EUR")
	table = "Date;Libellé;Montant\n13/11/2026;CB CAFE;-3,20\n14/11/2026;X;abc\n".encode()
	take(site.ledger, prepare(site.ledger, "Current", "a.csv", table, ImportOptions()), clock=site.clock)
	[line] = site.ledger.waiting("", 5)
	page = visitor.get(f"/sync-line/{line.name}").text
	assert '<span class="indicator-pill red">Refused</span>' in page
	assert "Row 3: abc is not an amount" in page
	assert "14/11/2026 | X | abc" in page
	assert "Booked" not in page
	listed = visitor.get("/bank-transaction").text
	[cells] = re.findall(rf"<tr class=\"waiting\">.*?{line.name}.*?</tr>", listed, re.DOTALL)
	assert "14/11/2026 | X | abc" in cells, "which row it is"
	assert "Row 3: abc is not an amount" in cells
	assert 'data-sort=""' in cells, "its day is not known"
	visitor.get("/?lang=fr")
	assert "Ligne 3\u00a0: abc n’est pas un montant" in visitor.get(f"/sync-line/{line.name}").text


def test_the_page_of_a_file_leads_to_its_account_and_to_what_was_not_imported(
	site: Site, visitor: Visitor
) -> None:
	site.ledger.add_bank_account("Current", BANK, "EUR")
	table = b"Date;Label;Amount\n13/11/2026;CAFE;-3,20\n14/11/2026;X;abc\n"
	run = take(
		site.ledger, prepare(site.ledger, "Current", "a.csv", table, ImportOptions()), clock=site.clock
	)
	[line] = site.ledger.waiting("", 5)
	page = visitor.get(f"/sync-run/{run.name}").text
	assert 'href="/bank-account/Current"' in page
	assert f'href="/sync-line/{line.name}"' in page
	assert "CAFE" not in page, "what was imported is not among what was not"


def test_a_row_of_a_table_that_no_ledger_takes_is_shown_as_its_cells(site: Site, visitor: Visitor) -> None:
	site.ledger.add_bank_account("Current", BANK, "EUR")
	table = b"Date;Label;Amount;\n13/11/2026;CAFE;-3,20;\n14/11/2051;FAR AWAY;-1;\n"
	prepared = prepare(site.ledger, "Current", "a.csv", table, ImportOptions(accept_mismatches=True))
	take(site.ledger, prepared, clock=site.clock)
	[line] = site.ledger.waiting("", 5)
	for path in ("/bank-transaction", f"/sync-line/{line.name}"):
		page = visitor.get(path).text
		assert "14/11/2051 | FAR AWAY | -1<" in page
		assert "cells" not in page


def test_a_long_hostile_message_does_not_make_pages_slow(site: Site, visitor: Visitor) -> None:
	"""A provider's own words are shown as they are, whatever sentence of ours they look like."""
	run = site.ledger.begin_run("", Trigger.FILE, site.clock(), "a.csv")
	run.status, run.error_code, run.error_message = RunStatus.FAILED, "BS-600", "Row 1: " * 20_000 + "{0}"
	site.ledger.save_run(run)
	visitor.get("/?lang=fr")
	with hang_guard():
		page = visitor.get(f"/sync-run/{run.name}")
	assert page.status_code == 200
	assert "Row 1: Row 1: " in page.text


def test_the_reason_of_a_failed_run_is_shown_in_the_users_language(site: Site, visitor: Visitor) -> None:
	run = site.ledger.begin_run("", Trigger.FILE, site.clock(), "a.csv")
	why = InvalidData("{0} is not an amount", "abc").message
	run.status, run.error_code, run.error_message = (
		RunStatus.FAILED,
		"BS-600",
		Message("Row {0}: {1}", 4, why),
	)
	site.ledger.save_run(run)
	assert "Row 4: abc is not an amount" in visitor.get(f"/sync-run/{run.name}").text
	visitor.get("/?lang=fr")
	assert "Ligne 4\u00a0: abc n’est pas un montant" in visitor.get(f"/sync-run/{run.name}").text
