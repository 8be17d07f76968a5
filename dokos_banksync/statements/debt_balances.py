"""Statements of cards whose balances are debts: a purchase raises both, so that the balances prove no sign."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from dokos_banksync.statements.contract import NORMAL, REVERSED, Evidence
from dokos_banksync.statements.grid import Row, written
from dokos_banksync.statements.interpret import Choice
from dokos_banksync.statements.mapping import Known
from dokos_banksync.statements.questions import DEBT, Asker
from dokos_banksync.statements.roles import DETAILS, NO_COLUMN, Role, Setting, column_option
from dokos_banksync.statements.vocabulary import key

_MOST = 2_000
_PROOFS = (Evidence.ROW_BALANCES, Evidence.OPENING_AND_CLOSING)
_PAYMENT = re.compile(
	r"\b(?:thank you|autopay|auto ?pay(?:ment)?|payment received|direct debit payment|paiement recu"
	r"|(?:paiement|reglement|versement|prelevement automatique)\b.*\bmerci|zahlung erhalten|zahlungseingang|betaling ontvangen|pago recibido|pagamento ricevuto)\b"
)
"""Labels and kinds of the payment of a card's bill."""
_PAYMENT_ALONE = re.compile(r"(?:online )?payment")
"""A label of the payment of a card's bill. As the kind of a transaction it may be any payment."""
_OF_ANOTHER = re.compile(r"\b(?:credit card|credit crd|crd)\b(?!.*\b(?:thank you|merci)\b)")
"""Labels of a current account, which pays the bill of a card: `CHASE CREDIT CRD AUTOPAY`."""


def check_debt_balances(
	asker: Asker, known: Known, rows: Sequence[Row], choice: Choice, *, sign: str
) -> None:
	"""Raise `ReadingQuestion` where balances follow from the amounts, and the payment of a bill is an amount below zero
	among purchases above it: more of them, or nothing else below zero. `sign` is what the user says.
	"""
	if known.said(Setting.SIGN, sign) or choice.evidence not in _PROOFS:
		return
	if Role.AMOUNT not in choice.reading.roles or Role.DIRECTION in choice.reading.roles:
		return
	amounts = [
		(row, amount)
		for row, amount in zip(rows[:_MOST], choice.amounts, strict=False)
		if isinstance(amount, Decimal) and amount
	]
	out = [(row, amount) for row, amount in amounts if amount < 0]
	paid = next((row for row, _ in out if _is_payment(row, known)), None)
	mostly_above = len(amounts) > 2 * len(out) or (
		len(amounts) > len(out) and all(_is_payment(row, known) for row, _ in out)
	)
	if paid and mostly_above and not any(a > 0 and _is_payment(r, known) for r, a in amounts):
		without = column_option(Role.BALANCE, NO_COLUMN)
		answers = (f"--sign {NORMAL}", f"--sign {REVERSED} {without}")
		choices: list[dict[str, str]] = [
			{Setting.SIGN: NORMAL},
			{Setting.SIGN: REVERSED, Role.BALANCE: NO_COLUMN},
		]
		raise asker.ask(
			DEBT,
			paid.number,
			paid.text,
			*answers,
			suggested=asker.suggested(choice.reading.roles),
			choices=choices,
		)


def _is_payment(row: Row, known: Known) -> bool:
	places = [known.roles[role] for role in (Role.LABEL, Role.KIND, *DETAILS) if role in known.roles]
	texts = {p: key(written(row.cells[p])) for p in places if p < len(row.cells)}
	kind = known.roles.get(Role.KIND)
	return any(
		(_PAYMENT.search(text) and not _OF_ANOTHER.search(text))
		or (place != kind and _PAYMENT_ALONE.fullmatch(text))
		for place, text in texts.items()
	)
