"""The commands that tell where things came from and that mend them, in one list."""

from __future__ import annotations

import click

from dokos_banksync.hosts.standalone.cli import duplicates, explain, missing, proof, questions, undo
from dokos_banksync.hosts.standalone.cli.session import command


def add_to(banksync: click.Group) -> None:
	"""Add the commands of the review to the group."""
	command(
		banksync,
		"explain",
		"Where a bank transaction came from, or why a row has none.",
		"banksync explain ACC-BTN-2026-00001\nbanksync explain SL0000000001",
	)(explain.explain)
	command(
		banksync,
		"undo",
		"Undo a run; undoing the undo does it once more.",
		"banksync undo SYNC-RUN-0000007\nbanksync undo SYNC-RUN-0000007 --again",
	)(undo.undo)
	command(
		banksync,
		"duplicates",
		"Bank transactions that may be one and the same, the likeliest first.",
		'banksync duplicates --bank-account "Current account" --from 2026-01-01',
	)(duplicates.duplicates)
	command(
		banksync,
		"merge",
		"Merge two bank transactions: the first stays and takes over the rows of the second.",
		"banksync merge ACC-BTN-2026-00001 ACC-BTN-2026-00002",
	)(duplicates.merge)
	command(
		banksync,
		"keep-both",
		"Record that two bank transactions are separate.",
		"banksync keep-both ACC-BTN-2026-00001 ACC-BTN-2026-00002",
	)(duplicates.keep_both)
	command(
		banksync,
		"delete",
		"Delete a bank transaction; it is not imported again.",
		"banksync delete ACC-BTN-2026-00002",
	)(duplicates.delete)
	command(
		banksync,
		"questions",
		"Rows that may be one of several bank transactions, for you to choose.",
		'banksync questions --bank-account "Current account"',
	)(questions.questions)
	command(
		banksync,
		"answer",
		"Say which bank transaction a line is, or that it is a new one.",
		"banksync answer SL0000001234 --is ACC-BTN-2026-00042\nbanksync answer SL0000001234 --new",
	)(questions.answer)
	command(
		banksync,
		"missing",
		"Compare the bank's rows with the stored ones, and import what is missing.",
		"banksync missing SYNC-CONN-00001 --from 2026-01-01\n"
		"banksync missing SYNC-CONN-00001 --from 2026-01-01 --take 4711 --take 4712",
	)(missing.missing)
	command(
		banksync,
		"proof",
		"Compare the bank's balance with the books; show the difference, its causes and its first day.",
		'banksync proof "Current account"',
	)(proof.proof)
	command(
		banksync,
		"coverage",
		"Which days were fetched, empty, failed or never asked for.",
		'banksync coverage "Current account" --from 2026-01-01',
	)(proof.coverage)
	command(
		banksync,
		"certificate",
		"The certificate of completeness of a month, to be printed.",
		'banksync certificate "Current account" --month 2026-10',
	)(proof.certificate)
