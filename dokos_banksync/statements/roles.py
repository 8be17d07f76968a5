"""What a column of a table may hold, and what else is decided about a table before it is read."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeAlias


class Role(str, Enum):
	"""What a column holds, as a user names it in `--column ROLE=COLUMN`."""

	DATE = "date"
	VALUE_DATE = "value_date"
	TRANSACTION_DATE = "transaction_date"
	AMOUNT = "amount"
	DEBIT = "debit"
	CREDIT = "credit"
	FEE = "fee"
	DIRECTION = "direction"
	LABEL = "label"
	DETAILS = "details"
	DETAILS_2 = "details_2"
	DETAILS_3 = "details_3"
	PARTY = "party"
	PARTY_IBAN = "party_iban"
	KIND = "kind"
	REFERENCE = "reference"
	ID = "id"
	BALANCE = "balance"
	CURRENCY = "currency"
	ACCOUNT = "account"
	STATE = "state"

	def __str__(self) -> str:
		return self.value


class TitleMeaning(str, Enum):
	"""What a title may say more exactly than a role does; `headers` says which role each of these can fill."""

	BOOKING_DATE = "booking_date"
	NET_AMOUNT = "net_amount"
	ACCOUNT_AMOUNT = "account_amount"
	GROSS_AMOUNT = "gross_amount"
	ACCOUNT_CURRENCY = "account_currency"
	ACCOUNT_NAME = "account_name"
	IGNORED = "ignored"
	"""A column that fills no role, such as a running number."""


class Setting(str, Enum):
	"""What is decided about a table besides the roles of its columns; a mapping has both."""

	DATE_FORMAT = "date_format"
	DECIMAL = "decimal"
	SIGN = "sign"

	def __str__(self) -> str:
		return self.value


Places: TypeAlias = Mapping[Role, int]
"""Positions of columns from 0, by role."""

FLOWS = (Role.AMOUNT, Role.DEBIT, Role.CREDIT)
"""A transaction has one of these at least."""
AMOUNT_PARTS = (*FLOWS, Role.FEE)
MONEY = (*AMOUNT_PARTS, Role.BALANCE)
DAYS = (Role.DATE, Role.VALUE_DATE, Role.TRANSACTION_DATE)
DETAILS = (Role.DETAILS, Role.DETAILS_2, Role.DETAILS_3)
"""Further texts of a label."""
LABELS = (Role.LABEL, *DETAILS, Role.PARTY, Role.KIND)
"""A label is made of the first of these that a row has."""
NO_COLUMN = "-"
"""The answer of a user that no column holds something, whatever its title says."""


def by_role(mapping: Mapping[str, str]) -> dict[Role, str]:
	"""Return the columns of a mapping, without its settings and without names that are no roles."""
	return {role: mapping[role] for role in Role if role in mapping}


def column_option(role: Role, answer: object) -> str:
	"""Return the option of the command line that says which column (a number from 1, or `-`) has a role."""
	return f"--column {role}={answer}"
