"""The benchmarks run and count rightly; how long they take is nobody's business here."""

from __future__ import annotations

from benchmarks.__main__ import report


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
	told = capsys.readouterr().out
	assert "1,200 transactions" in told
	assert "whole / sum of floors" in told
