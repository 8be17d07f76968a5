"""The attacks find what is planted, and a small share of them runs with the suite."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attack import kills, parsers, payloads, roles
from tests.attack.__main__ import main
from tests.attack.figures import Figure
from tests.statements import fuzz


def test_a_small_share(capsys: pytest.CaptureFixture[str]) -> None:
	assert main(["--inputs", "200", "--kills", "1", "--requests", "60", "--no-site"]) == 0
	output = capsys.readouterr().out
	for parser in ("ofx", "camt", "mt940", "cfonb", "bai2", "qif"):
		assert f"inputs fuzzed, {parser}" in output
	for what in ("kills (SIGKILL)", "requests, 100 at once", "fields with a payload", "pages walked"):
		assert what in output
	assert "left out with --no-site" in output


def test_a_parser_that_fails_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
	def fail(content: bytes) -> None:
		raise KeyError("planted")

	monkeypatch.setattr(fuzz, "outcome", fail)
	assert all("planted" in figure.failures[0] for figure in parsers.attack(100, 1))


def test_rows_that_a_kill_loses_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
	real = kills._contents
	monkeypatch.setattr(kills, "ROWS", 50)
	monkeypatch.setattr(kills, "_contents", lambda home: real(home)[: 50 if home.name == "whole" else 49])
	assert len(kills.attack(1, 1, tmp_path).failures) == 1


@pytest.mark.parametrize(
	"page", [f"<td>{payloads.PAYLOAD}</td>", f'<a title="{payloads.PAYLOAD}">', "<td>49</td>"]
)
def test_markup_on_a_page_is_noticed(page: str) -> None:
	assert payloads.MARKUP.search(page)


def test_skipped_pairs_do_not_count() -> None:
	assert roles.passed("12 passed, 30 skipped in 4.02s") == 12
	assert roles.passed("42 skipped in 0.11s") == 0


def test_a_figure_says_what_was_not_run() -> None:
	assert "not run" in str(Figure("pairs", 0, note="no bench"))
	assert "2 failed" in str(Figure("pairs", 5, ["a", "b"]))
