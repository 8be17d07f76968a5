"""Reads a table of one account, all of whose rows are good."""

from dokos_banksync.statements.contract import ReadingOptions
from dokos_banksync.statements.registry import read


def amounts(text, **options):
	"""Return the amounts of the rows as text; `options` are those of `ReadingOptions`."""
	[account] = read(text.encode(), ReadingOptions("EUR", **options)).accounts
	assert not account.refused
	return [str(line.amount) for line in account.lines]
