"""The examples of `banksync` in README.md and docs/, as a reader meets them, and the home that they assume."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from dokos_banksync.core.model import Action, Decision, Reason
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.standalone.site import Site
from tests.hosts.standalone.cli.conftest import Terminal

ROOT = Path(__file__).parents[4]
PAGES = {
	path.name: path.read_text("utf-8") for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
}
ACCOUNT, CONNECTION = "Current account", "SYNC-CONN-00001"
_CODE = re.compile(r"^ {4,}(?P<typed>\S(?:.*\\\n)*.*)$|`(?P<inline>banksync [^`]+)`", re.MULTILINE)
_CALL = re.compile(r"(?:^|[ /])banksync +(?!.*\bbanksync )([^|>&#]+)")
_OTHER_PROGRAMS = ("git clone", "podman build", "podman run", "ln -s", "RUN ")
"""Lines on which `banksync` is a folder, an image, a user or a container."""


class Example(NamedTuple):
	"""What a page tells to type: its words, and the comment behind them."""

	words: list[str]
	remark: str
	inline: bool
	"""Within a sentence: it may be the name of a command, without its arguments."""


def examples(page: str) -> Iterator[Example]:
	"""Return the examples of a page in its order; a line that ends in a backslash goes on."""
	for found in _CODE.finditer(PAGES[page]):
		line = re.sub(r"\s*\\?\n\s+", " ", found["typed"] or found["inline"])
		call = _CALL.search(line)
		if call and not line.startswith(_OTHER_PROGRAMS):
			yield Example(shlex.split(call[1]), line.partition("#")[2].strip(), not found["typed"])


def asked_about(terminal: Terminal, folder: Path, count: int) -> list[dict[str, Any]]:
	"""Import rows of a file that may each be one of two bank transactions, and return the questions."""
	for number in range(count):
		for name, *labels in (("a", "VIR MARTIN LOYER", "VIR MARTIN CHARGES"), ("b", "VIR MARTIN")):
			file = folder / f"{name}{number}.csv"
			rows = "".join(f"2026-11-02;{label};{4321 + number},00\n" for label in labels)
			file.write_text(f"Date;Libellé;Montant\n{rows}", "utf-8")
			terminal("import", str(file), "--bank-account", ACCOUNT, "--sign", "normal")
	return [one for one in terminal.json("questions") if not one["unlisted"]]


def no_longer_listed(terminal: Terminal, count: int) -> None:
	"""Mark rows of the bank as not listed any more, as a fetch under another id of the account does."""
	with Site(terminal.home, terminal.clock) as site:
		ledger = site.ledger
		[account] = [one for one in ledger.accounts(CONNECTION) if one.bank_account == ACCOUNT]
		run = ledger.begin_run(CONNECTION, Trigger.MANUAL, terminal.clock()).name
		with ledger.batch() as batch:
			first = terminal.clock().date() - timedelta(days=30)
			held = [row for row in batch.linked(account.source, first) if row.transaction][:count]
			made = [
				Decision(
					action=Action.UPDATE,
					line=row.line,
					source=account.source,
					bank_account=ACCOUNT,
					reason=Reason.UNLISTED,
					transaction=row.transaction.name if row.transaction else "",
				)
				for row in held
			]
			batch.apply(run, made, terminal.clock())


def twins(terminal: Terminal, folder: Path, count: int) -> None:
	"""Import rows of the feed again from a file, under other labels."""
	rows = terminal.json("transactions", "--limit", "0", "--bank-account", ACCOUNT)
	days: dict[str, dict[str, Any]] = {
		row["date"]: row for row in rows if date.fromisoformat(row["date"]).day < 28
	}
	lines = "".join(
		f"{row['date']};OPERATION {number}4711;{row['amount'].replace('.', ',')}\n"
		for number, row in enumerate(list(days.values())[:count])
	)
	file = folder / "twins.csv"
	file.write_text(f"Date;Libellé;Montant\n{lines}", "utf-8")
	terminal("import", str(file), "--bank-account", ACCOUNT, "--sign", "normal")
