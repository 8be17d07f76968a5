"""`banksync demo`: prints what `hosts.standalone.demo` does, and what it proves."""

from __future__ import annotations

import shlex
import shutil
import sys
import time
from decimal import Decimal
from pathlib import Path

from dokos_banksync.actions.run_counts import outcomes
from dokos_banksync.core.records import RunRecord
from dokos_banksync.hosts.standalone.cli.json_records import plain_row, run_record, transaction
from dokos_banksync.hosts.standalone.cli.session import Session
from dokos_banksync.hosts.standalone.cli.terminal import Column, bad, bold, dim, good, say
from dokos_banksync.hosts.standalone.demo import Demo, Proof, demo_folder

SAMPLE = 8


def perform(current: Session, demo: Demo) -> bool:
	"""Run and print every step. Return whether every account agrees with the bank and with the sandbox."""
	steps = _Steps(current)
	steps.done(current.t("The sandbox bank answers at {0}", demo.bank.url))
	steps.done(
		current.t("The provider's credentials are stored and accepted: {0} banks", demo.add_provider())
	)
	steps.done(current.t("The user gave consent at the bank and shares {0} accounts", demo.connect()))
	steps.done(current.t("{0} accounts feed new Bank Accounts", demo.link()))
	first = _import(current, demo, steps)
	steps.done(current.t("The sandbox's clock moves to {0}", demo.next_day()))
	second = _import(current, demo, steps)
	proofs = demo.proofs()
	matches_bank = all(p.agrees_with_bank and p.agrees_with_truth for p in proofs) and bool(proofs)
	_print_result(current, demo, proofs, runs=[first, second], matches_bank=matches_bank)
	return matches_bank


class _Steps:
	"""Prints a line for each step when it is done."""

	def __init__(self, current: Session) -> None:
		self._current = current
		self.done(bold(current.t("Bank transactions, imported automatically")), sign=" ")

	def done(self, words: str, sign: str = "") -> None:
		"""Print one step of the demo."""
		if not self._current.json:
			say(f"{sign or good('✓')} {words}")


def _import(current: Session, demo: Demo, steps: _Steps) -> RunRecord:
	bar = current.bar(demo.connection)
	began = time.monotonic()
	try:
		run = demo.sync(bar)
	finally:
		bar.clear()
	message = outcomes(current.translations, run)
	took = f"{current.translations.value(Decimal(round(100 * (time.monotonic() - began))) / 100)} s"
	done = current.named(current.t("Import {0}", run.name), message or current.t("nothing new"))
	steps.done(f"{done} {dim(took)}")
	return run


def _print_result(
	current: Session, demo: Demo, proofs: list[Proof], runs: list[RunRecord], matches_bank: bool
) -> None:
	rows = demo.site.ledger.transactions(limit=SAMPLE)
	record = {
		"home": str(demo.site.home),
		"agrees": matches_bank,
		"accounts": [_proof_record(proof) for proof in proofs],
		"runs": [run_record(run) for run in runs],
		"transactions": [transaction(row) for row in rows],
	}
	action = (
		f"{good('✓')} {current.t('Every account agrees with the bank, and row for row with the sandbox data.')}"
		if matches_bank
		else f"{bad('✗')} {current.t('Not every account agrees: see the table.')}"
	)
	parts = [_proof_table(current, proofs), _sample_table(current, demo), action]
	current.answer(record, lambda: "\n" + "\n\n".join(parts))


def _proof_record(proof: Proof) -> dict[str, object]:
	agreement = {"agrees_with_bank": proof.agrees_with_bank, "agrees_with_truth": proof.agrees_with_truth}
	return {**plain_row(vars(proof)), **agreement}


def _proof_table(current: Session, proofs: list[Proof]) -> str:
	columns = [
		Column("Bank Account", elastic=True),
		Column("Rows", right=True),
		Column("Categorised", right=True, spare=True),
	]
	columns += [
		Column("Opening", right=True, spare=True),
		Column("Movements", right=True, spare=True),
		Column("At the bank", right=True),
	]
	columns += [Column("Currency"), Column("Bank"), Column("Sandbox's data")]
	rows: list[list[object]] = [
		[
			*(
				p.bank_account,
				p.transactions,
				_percent(p),
				p.opening,
				p.movements,
				p.bank_balance,
				p.currency,
			),
			*(p.agrees_with_bank, p.agrees_with_truth),
		]
		for p in proofs
	]
	return current.table(columns, rows, "No account was imported")


def _percent(proof: Proof) -> str:
	return f"{100 * proof.categorised // proof.transactions} %" if proof.transactions else "–"


def _sample_table(current: Session, demo: Demo) -> str:
	columns = [Column("Date"), Column("Label", elastic=True, least=16)]
	columns += [Column("Category", elastic=True, spare=True), Column("Amount", right=True)]
	columns += [Column("Currency"), Column("Bank Account", elastic=True, spare=True)]
	rows: list[list[object]] = [
		[r.date, r.description, r.category, r.amount, r.currency, r.bank_account]
		for r in demo.site.ledger.transactions(limit=SAMPLE)
	]
	return current.table(columns, rows, "No transaction")


def how_to_see(current: Session, home: Path, port: int) -> str:
	"""Return how the demo's page is opened."""
	command = f"{_program()} --home {shlex.quote(str(home))} serve --port {port}"
	address = f"http://127.0.0.1:{port}/bank-transaction"
	return "\n".join(
		[
			current.t("The page: {0}", bold(address)),
			dim(current.t("Open it with: {0}", command)),
		]
	)


def _program() -> str:
	"""Return how this program is called again: in an environment that is not on the PATH, by its file."""
	file = Path(sys.argv[0])
	return "banksync" if shutil.which("banksync") or file.stem != "banksync" else shlex.quote(str(file))


def make(current: Session, keep: bool) -> Demo:
	"""Create the demo's site in a folder of its own."""
	return Demo(demo_folder(current.home, keep), current.translations.language)
