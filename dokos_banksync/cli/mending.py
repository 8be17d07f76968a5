"""The commands that tell where things came from and that mend them, in one list."""

from __future__ import annotations

import click

from dokos_banksync.cli import explaining, undoing
from dokos_banksync.cli.session import command


def add_to(banksync: click.Group) -> None:
	command(
		banksync,
		"explain",
		"Where a bank transaction came from, or why a line is none.",
		"banksync explain ACC-BTN-2026-00001\nbanksync explain SL0000000001",
	)(explaining.explain)
	command(
		banksync,
		"undo",
		"Take back what a run did; undoing the undo does it again.",
		"banksync undo SYNC-RUN-0000007\nbanksync undo SYNC-RUN-0000007 --again",
	)(undoing.undo)
