"""The questions about a statement file in words: the sentence above the choices, and what each choice means."""

from __future__ import annotations

from collections.abc import Mapping

from dokos_banksync.actions.file_import import MISMATCHES
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core.errors import SyncError
from dokos_banksync.statements.contract import DAY_OR_MONTH, DECIMAL_MARK, NORMAL, REVERSED, UNSIGNED
from dokos_banksync.statements.days import DMY, MDY, YDM, YMD
from dokos_banksync.statements.delimited import DELIMITERS
from dokos_banksync.statements.questions import (
	BALANCES,
	BOTH_ORDERS,
	CENTS,
	COLUMN,
	CURRENCY_COLUMN,
	DAY_COLUMN,
	DEBT,
	FEE,
	FLAG,
	JOURNAL,
	MINUS,
	MIXED_DAYS,
	PENDING,
	SIDE_WORDS,
	SIDES,
	SIGN,
	STATE,
	TABLES,
)
from dokos_banksync.statements.roles import Role, Setting
from dokos_banksync.statements.workbook import SHEETS


def sentence_above_choices(translations: Translations, error: SyncError) -> str:
	"""Return the sentence of an error, to stand above the choices that answer it."""
	below = BELOW.get(error.sentence)
	return translations(below, *error.message.values) if below else translations.error(error)


BELOW = {
	"No column holds the day, or none the amount: say which, for example {0}": (
		"No column holds the day, or none the amount: say below which"
	),
	"The table has no row of titles: say what the columns hold, for example {0}": (
		"No row of titles was found: say below what the columns hold"
	),
	"Nothing says whether the day, the month or the year comes first: give {0}": (
		"Nothing says whether the day or the month comes first: choose below"
	),
	DAY_OR_MONTH: "Nothing says whether the day or the month comes first: choose below",
	DECIMAL_MARK: ("Nothing says whether 1.234 is more than a thousand or less than two: choose below"),
	SIGN: "Nothing says whether positive amounts are money in or money out: choose below",
	MINUS: "Row {0} has the amount {1} in column {2}, and nothing says what its minus means: choose below",
	BOTH_ORDERS: (
		"Some days can only begin with the day and others only with the month, so that nothing decides the rest: "
		"choose the order below, and the other days are rejected"
	),
	DEBT: (
		"Row {0} looks like the payment of a card's bill ({1}), and its amount is below zero: choose below that positive is "
		"money in if purchases are below zero, or that it is money out, without a balance, if amounts and balances are debts"
	),
	SIDES: (
		"Row {0}: column {1} says {2}, and the amount is {3}: say below that the column holds debit or credit if it says "
		"which amounts are money out; without it their signs do"
	),
	JOURNAL: (
		"Column {0} is that of an accounting journal, in which a debit of the bank's account is money in: choose below that "
		"positive is money in if its debits are money out, as on a bank's statement, or that positive is money out"
	),
	FLAG: (
		"Row {0} says {1} in column {2}, which leaves open whether its money moved: remove the rows that moved none from the "
		"file, and read it without that column"
	),
	FEE: "Nothing says whether column {0} is deducted from the amounts: say below what it holds",
	BALANCES: "The balances do not follow from the amounts (first at row {0}): say below what the columns hold",
	DAY_COLUMN: (
		"Columns {0} and {1} both hold days, and their titles do not decide: say below which is the day of booking"
	),
	CURRENCY_COLUMN: (
		"Column {0}, whose title is not known, holds the currency {1}: say below whether it is the currency of the amounts"
	),
	CENTS: (
		"Column {0} may hold the hundredths of the amounts of column {1}: import another export, "
		"or say below that {1} holds the amounts if they have none"
	),
	SIDE_WORDS: (
		"Column {0} says {1} and {2}, which are not known as a pair: choose below that positive is money in if {1} is money in, "
		"or that it is money out"
	),
	COLUMN: "Several columns may hold the amount: say below which",
	STATE: (
		"Row {0} has the state {1}, which is not known: to import the rows of every state, "
		"choose below not to use its column"
	),
	PENDING: (
		"Row {0} says that rows below it are not booked ({1}): remove them from the file, "
		"or read it again to import them all the same"
	),
	MIXED_DAYS: (
		"Some days are dates and others are text, as after a spreadsheet took the day for the month where it could: "
		"import the bank's own file, or choose the order of the days below if the dates are right"
	),
	TABLES: "The file holds several tables of transactions: choose one below",
	SHEETS: "Several sheets hold transactions: choose one below",
	MISMATCHES: (
		"Contradictions in the file: {0}. Look whether rows are missing; "
		"to import the file all the same, confirm it below"
	),
}
"""Where the choices stand below the sentence, it does not name the options of the command line."""

ROLE_LABELS = {
	Role.DATE: "Date",
	Role.VALUE_DATE: "Value date",
	Role.AMOUNT: "Amount",
	Role.TRANSACTION_DATE: "Day of the purchase",
	Role.DEBIT: "Debit",
	Role.CREDIT: "Credit",
	Role.FEE: "Fee, deducted from the amount",
	Role.DIRECTION: "Debit or credit",
	Role.LABEL: "Label",
	Role.DETAILS: "Details",
	Role.DETAILS_2: "Further details",
	Role.DETAILS_3: "More details",
	Role.PARTY: "Name of the counter-party",
	Role.PARTY_IBAN: "Counter-party's IBAN",
	Role.KIND: "Kind of operation",
	Role.REFERENCE: "Reference",
	Role.ID: "Id of the row",
	Role.BALANCE: "Balance",
	Role.CURRENCY: "Currency",
	Role.ACCOUNT: "Account",
	Role.STATE: "State: booked, pending …",
}
"""The roles as a user calls them, in the order of the form."""

MEANINGS: Mapping[str, Mapping[str, str]] = {
	"delimiter": {name: name for name in DELIMITERS.values()},
	Setting.DATE_FORMAT.value: {
		DMY: "day, month, year",
		MDY: "month, day, year",
		YMD: "year, month, day",
		YDM: "year, day, month",
	},
	Setting.DECIMAL.value: {",": "1 234,50", ".": "1,234.50"},
	Setting.SIGN.value: {
		NORMAL: "positive is money in",
		REVERSED: "positive is money out",
		UNSIGNED: "debit and credit count, a minus does not",
	},
}
"""What each value of a setting means."""

SETTING_LABELS = {
	"encoding": "Encoding",
	"delimiter": "Delimiter",
	Setting.DATE_FORMAT.value: "Days",
	Setting.DECIMAL.value: "Amounts",
	Setting.SIGN.value: "Sign",
}
"""What a mapping says besides the columns."""


def label_of(translations: Translations, name: str) -> str:
	"""Return what a user calls an entry of a mapping: a role of a column, or a setting."""
	label = {role.value: text for role, text in ROLE_LABELS.items()}.get(name) or SETTING_LABELS.get(name)
	return translations(label) if label else name


def meaning_of(translations: Translations, name: str, value: str) -> str:
	"""Return what the value of a setting means; any other value as it is."""
	meaning = MEANINGS.get(name, {}).get(value)
	return translations(meaning) if meaning else value
