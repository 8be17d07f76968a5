"""The commands of the review, in the order of the help: explanation, undo, duplicates, questions, missing lines, proof."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from dokos_banksync.hosts.standalone.cli import duplicates, explain, missing, proof, questions, undo
from dokos_banksync.hosts.standalone.cli.session import command


@dataclass(frozen=True)
class Entry:
	"""One command: its function, its name, and the summary and example of its help."""

	function: Callable[..., Any]
	name: str
	summary: str
	example: str


COMMANDS = (
	Entry(
		explain.explain,
		"explain",
		"Where a bank transaction came from, or why a row has none.",
		"banksync explain ACC-BTN-2026-00001\nbanksync explain SL0000000001",
	),
	Entry(
		undo.undo,
		"undo",
		"Undo a run; undoing the undo does it once more.",
		"banksync undo SYNC-RUN-0000007\nbanksync undo SYNC-RUN-0000007 --again",
	),
	Entry(
		duplicates.duplicates,
		"duplicates",
		"Bank transactions that may be one and the same, the likeliest first.",
		'banksync duplicates --bank-account "Current account" --from 2026-01-01',
	),
	Entry(
		duplicates.merge,
		"merge",
		"Merge two bank transactions: the first stays and takes over the rows of the second.",
		"banksync merge ACC-BTN-2026-00001 ACC-BTN-2026-00002",
	),
	Entry(
		duplicates.keep_both,
		"keep-both",
		"Record that two bank transactions are separate.",
		"banksync keep-both ACC-BTN-2026-00001 ACC-BTN-2026-00002",
	),
	Entry(
		duplicates.delete,
		"delete",
		"Delete a bank transaction; it is not imported again.",
		"banksync delete ACC-BTN-2026-00002",
	),
	Entry(
		questions.questions,
		"questions",
		"Rows that may be one of several bank transactions, for you to choose.",
		'banksync questions --bank-account "Current account"',
	),
	Entry(
		questions.answer,
		"answer",
		"Say which bank transaction a line is, or that it is a new one.",
		"banksync answer SL0000001234 --is ACC-BTN-2026-00042\nbanksync answer SL0000001234 --new",
	),
	Entry(
		missing.missing,
		"missing",
		"Compare the bank's rows with the stored ones, and import what is missing.",
		"banksync missing SYNC-CONN-00001 --from 2026-01-01\n"
		"banksync missing SYNC-CONN-00001 --from 2026-01-01 --take 4711 --take 4712",
	),
	Entry(
		proof.proof,
		"proof",
		"Compare the bank's balance with the books; show the difference, its causes and its first day.",
		'banksync proof "Current account"',
	),
	Entry(
		proof.coverage,
		"coverage",
		"Which days were fetched, empty, failed or never asked for.",
		'banksync coverage "Current account" --from 2026-01-01',
	),
	Entry(
		proof.certificate,
		"certificate",
		"The certificate of completeness of a month, to be printed.",
		'banksync certificate "Current account" --month 2026-10',
	),
)


def add_to(banksync: click.Group) -> None:
	"""Add the commands of the review to the group."""
	for entry in COMMANDS:
		command(banksync, entry.name, entry.summary, entry.example)(entry.function)
