"""The questions that a table leaves open, each with the options of the command line that answer it."""

from __future__ import annotations

from collections.abc import Sequence, Set
from itertools import islice

from dokos_banksync.statements.columns import Columns
from dokos_banksync.statements.contract import SIGNS, Answer, ReadingQuestion
from dokos_banksync.statements.mapping import name_of
from dokos_banksync.statements.roles import FLOWS, Places, Role, Setting, column_option
from dokos_banksync.statements.tables import Table

NO_TITLES = "The table has no row of titles: say what the columns hold, for example {0}"
UNKNOWN_TITLES = "No column holds the day, or none the amount: say which, for example {0}"
DAYS = "Nothing says whether the day, the month or the year comes first: give {0}"
BOTH_ORDERS = (
	"Some days can only begin with the day and others only with the month, so that nothing decides the rest: "
	"give --date-format {0} or --date-format {1}, and the other days are rejected"
)
MIXED_DAYS = (
	"Some days are dates and others are text, as after a spreadsheet took the day for the month where it could: "
	"import the bank's own file, or give {0} if the dates are right"
)
SIGN = (
	"Nothing says whether positive amounts are money in or money out: "
	"give --sign normal (money in) or --sign reversed (money out)"
)
DEBT = (
	"Row {0} looks like the payment of a card's bill ({1}), and its amount is below zero: "
	"give {2} if purchases are below zero, or {3} if amounts and balances are debts"
)
SIDES = (
	"Row {0}: column {1} says {2}, and the amount is {3}: give {4} if the column says which amounts are money out, "
	"or {5} if their signs do"
)
MINUS = (
	"Row {0} has the amount {1} in column {2}, and nothing says what its minus means: give --sign normal (a reversal) "
	"or --sign unsigned (nothing: the column says whether it is money in or out)"
)
JOURNAL = (
	"Column {0} is that of an accounting journal, in which a debit of the bank's account is money in: "
	"give {1} if its debits are money out, as on a bank's statement, or {2} if they are money in"
)
FEE = "Nothing says whether column {0} is deducted from the amounts: give {1} if it is, {2} if not"
BALANCES = (
	"The balances do not follow from the amounts (first at row {0}): say which columns hold what, for example {1}, "
	"or leave the balances out with {2}"
)
DAY_COLUMN = (
	"Columns {0} and {1} both hold days, and their titles do not decide: "
	"give {2} or {3}, whichever is the day of booking"
)
CURRENCY_COLUMN = (
	"Column {0}, whose title is not known, holds the currency {1}: "
	"give {2} if it is the currency of the amounts, or {3} if not"
)
CENTS = (
	"Column {0} may hold the hundredths of the amounts of column {1}: import another export, "
	"or give {2} if the amounts have none"
)
UNITS = "Row {0} says that the amounts are parts or multiples of their currency ({1}): import another export"
SIDE_WORDS = (
	"Column {0} says {1} and {2}, which are not known as a pair: give --sign normal if {1} is money in, "
	"or --sign reversed if it is money out"
)
COLUMN = "Several columns may hold the amount: say which, {0}"
STATE = "Row {0} has the state {1}, which is not known: give {2} to import the rows of every state"
FLAG = (
	"Row {0} says {1} in column {2}, which leaves open whether its money moved: remove the rows that moved none "
	"from the file and give {3}"
)
PENDING = (
	"Row {0} says that rows below it are not booked ({1}): remove them from the file, "
	"or give {2} to import them all the same"
)
TABLES = "The file holds several tables of transactions: choose one with {0}"


class Asker:
	"""Builds the questions about one table."""

	def __init__(self, table: Table, columns: Columns) -> None:
		self.columns = columns
		self.titles = table.titles + ("",) * (columns.width - len(table.titles))
		self._rows = list(islice((row.texts for row in table.rows if row.filled), 3))

	def ask(
		self,
		sentence: str,
		*values: object,
		suggested: Answer,
		choices: Sequence[Answer] = (),
	) -> ReadingQuestion:
		"""Return the question, to be raised."""
		return ReadingQuestion(
			sentence, *values, columns=self._preview(), suggested=suggested, choices=choices
		)

	def sign_question(self, roles: Places) -> ReadingQuestion:
		"""Return the question whether positive amounts are money in; `roles` are the columns in use."""
		choices = [{Setting.SIGN: sign} for sign in SIGNS]
		return self.ask(SIGN, suggested=self.suggested(roles), choices=choices)

	def name(self, place: int) -> str:
		"""Return the title of a column, or its number from 1 where it has none of its own."""
		return name_of(self.titles, place)

	def suggested(self, roles: Places) -> dict[str, str]:
		"""Return a mapping as it is shown: the name of the column of each role."""
		return {role: self.name(place) for role, place in roles.items()}

	def columns_question(
		self,
		sentence: str,
		roles: Places,
		before: Sequence[object] = (),
		after: Sequence[object] = (),
	) -> ReadingQuestion:
		"""Return a question that names a likely mapping as options, between the other values of the sentence."""
		likely = {**self._likely(set(roles.values())), **roles}
		wanted = (Role.DATE, Role.LABEL, *FLOWS)
		options = " ".join(column_option(role, likely[role] + 1) for role in wanted if role in likely)
		if Role.DATE not in likely or likely.keys().isdisjoint(FLOWS):
			options = " ".join(map(column_option, (Role.DATE, Role.LABEL, Role.AMOUNT), (1, 2, 3)))
		return self.ask(sentence, *before, options, *after, suggested=self.suggested(likely))

	def _preview(self) -> list[list[str]]:
		width = range(self.columns.width)
		return [
			[self.titles[i], *(texts[i] if i < len(texts) else "" for texts in self._rows)] for i in width
		]

	def _likely(self, taken: Set[int]) -> dict[Role, int]:
		"""Return the first days, the amounts, and the longest texts of the columns that are not known."""
		places = [place for place in range(self.columns.width) if place not in taken]
		days = [i for i in places if self.columns.are_days(i)]
		money = [i for i in places if self.columns.are_amounts(i)]
		money = [i for i in money if self.columns.are_money(i)] or money
		texts = [i for i in places if i not in days and not self.columns.are_numbers(i)]
		label = max(texts, key=lambda i: sum(map(len, self.columns.texts(i))), default=None)
		found = {Role.DATE: days[0]} if days else {}
		if money:
			found[Role.AMOUNT] = max(money, key=lambda i: (len(set(self.columns.texts(i))) > 1, -i))
		return {**found, Role.LABEL: label} if label is not None else found
