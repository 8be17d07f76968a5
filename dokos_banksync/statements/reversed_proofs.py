"""Signs that running balances reverse: the same figures are those of balances before each row, with the signs as they are."""

from __future__ import annotations

from collections.abc import Sequence

from dokos_banksync.statements.contract import REVERSED, Account, Evidence
from dokos_banksync.statements.evidence import Chain
from dokos_banksync.statements.interpret import Choice
from dokos_banksync.statements.questions import Asker
from dokos_banksync.statements.roles import Setting


def check_reversed_proof(asker: Asker, choice: Choice, accounts: Sequence[Account]) -> None:
	"""Raise `ReadingQuestion` where balances reverse the signs in an order of the rows that the days do not confirm."""
	reading = choice.reading
	if reading.sign != REVERSED or Setting.SIGN not in reading.free:
		return
	if choice.evidence is not Evidence.ROW_BALANCES:
		return
	for account in accounts:
		for group, chain in choice.chains.items():
			if group.partition(" ")[0] in ("", account.number) and not _is_confirmed(chain, account):
				raise asker.sign_question(reading.roles)


def _is_confirmed(chain: Chain, account: Account) -> bool:
	"""Whether the rows run from the oldest to the newest day, or back, as the balances do."""
	if not account.lines:
		return True
	first, last = account.lines[0].date, account.lines[-1].date
	return first != last and chain.newest_first == (first > last)
