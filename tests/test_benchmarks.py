"""The benchmarks run and count rightly; how long they take is nobody's business here."""

from __future__ import annotations

from datetime import timedelta

import pytest

from benchmarks import files, growth, matching, measures, workers
from benchmarks.__main__ import report
from benchmarks.bank import bank
from benchmarks.fleet import FEEDS, START, Fleet, Quotas
from benchmarks.ratios import Ratio, table
from dokos_banksync.core.records import RunStatus
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.providers import registry
from dokos_banksync.providers.limits import Limit
from dokos_banksync.providers.registry import option_name


def test_a_small_run_measures_all_and_an_empty_day_is_one_page(capsys):
	found = report(1_200)
	assert {name: figures["rows"] for name, figures in found.items()} == {
		"import": 1_200,
		"fetch": 1_200,
		"store": 1_200,
	}
	assert all(figures["seconds"] > 0 for figures in found.values())
	# A token, the connection, the accounts, the categories, and the one page of transactions.
	assert found["import"]["empty"]["http"] == 5
	# The run itself, credentials, tokens and the schedule.
	assert found["import"]["empty"]["sql"] <= 20
	output = capsys.readouterr().out
	assert "1,200 transactions" in output
	assert "whole / sum of floors" in output


def test_processes_that_share_connections_fetch_each_of_them_once():
	found = workers.measure(connections=4, rows=20, workers=2, late=0.01)
	assert (found["fetched"], found["rows"]) == (4, 80)
	assert found["seconds"] > 0


@pytest.mark.parametrize(
	("runs", "what"),
	[([], "forgotten"), (["Success", "Success"], "twice"), (["Failed"], "Failed"), (["Success"], "rows")],
)
def test_a_connection_that_was_fetched_twice_or_not_at_all_is_noticed(tmp_path, runs, what):
	with Site(tmp_path) as site:
		site.add_provider("bridge", "Bridge", {"client_id": "id", "client_secret": "secret"})
		name = site.ledger.add_connection("Bank", "bridge").name
		for status in runs:
			run = site.ledger.begin_run(name, Trigger.SCHEDULED, START)
			run.status, run.ended_at = RunStatus(status), START
			site.ledger.save_run(run)
	with pytest.raises(AssertionError, match=what):
		workers.check(tmp_path, 1, 1)


def test_an_import_that_lacks_rows_is_no_measure(tmp_path):
	with bank() as url, pytest.raises(ValueError, match=r"\d+ of 100000000 rows were imported"):
		measures.whole(url, 100_000_000, tmp_path)


def test_growth_shows_what_each_table_takes_and_what_clearing_gives_back():
	cells = [cell.strip() for cell in growth.row_of(600).strip("|").split("|")]
	assert len(cells) == growth.HEADER.splitlines()[0].count("|") - 1
	assert cells[0] == "600"
	transactions, lines, journal, raw, whole, cleared = (int(cell.replace(",", "")) for cell in cells[5:])
	assert 0 < raw < lines
	assert transactions + lines + journal < whole
	assert raw < whole - cleared < whole


def test_lines_of_another_source_are_known_again_and_the_rest_is_new(capsys):
	matching.main(2_000, 300)
	output = capsys.readouterr().out
	assert "300 lines against 2,000 bank transactions" in output
	assert "{'Link': 210, 'New': 90}" in output or "{'New': 90, 'Link': 210}" in output


def test_a_fleet_keeps_its_quotas_and_every_connection_is_fetched_each_day():
	fleet = Fleet(connections=200, days=3)
	fleet.run()
	assert fleet.quotas.broken.total() == 0
	assert len(fleet.fetched) == 200
	assert fleet.longest_gap() < timedelta(hours=30)
	assert {option_name(feed.name.replace("_", "-")) for feed in FEEDS} == set(
		map(option_name, registry._BUILT_IN)
	)
	assert set(fleet.gaps()) == set(fleet.calls) == {feed.name for feed in FEEDS}
	assert 0 < fleet.used() < 0.01


def test_a_call_over_a_quota_is_counted():
	quotas, limit = Quotas(), Limit("plaid:item", 2, 60.0)
	for second in (0, 1, 2, 61):
		quotas.count(limit, START + timedelta(seconds=second))
	assert quotas.broken == {"plaid": 1}


def test_each_file_is_read_and_stored_whole_beside_its_peers(capsys, monkeypatch):
	monkeypatch.setattr(files.shutil, "which", lambda _program: None)
	found = files.ratios(150)
	assert [one.what for one in found] == [
		"CSV into SQLite",
		"CSV, read only",
		"camt.053 into SQLite",
		"camt.053, read only",
		"OFX, read only",
	]
	assert all(one.ours > 0 and one.rows == 150 for one in found)
	assert [one.theirs for one in found if one.peer == "hledger import"] == [None]
	assert capsys.readouterr().out.count("peak") == 2


@pytest.mark.parametrize(
	("ratio", "row"),
	[
		(
			Ratio("CSV", "hledger", 1_000, 2.0, 4.0, "half"),
			"| CSV | 1,000 | 2.00 s | 500 | hledger | 4.00 s | 0.5 | half |",
		),
		(Ratio("CSV", "hledger", 10, 2.0, None), "| CSV | 10 | 2.00 s | 5 | hledger | not installed |  |  |"),
		(Ratio("camt", "", 10, 2.0, None), "| camt | 10 | 2.00 s | 5 |  |  |  |  |"),
	],
)
def test_a_ratio_says_what_both_took(ratio, row):
	assert table([ratio]).splitlines()[2] == row
