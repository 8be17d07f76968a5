"""Cards whose balances are debts: balances that follow do not prove the signs, so the payment of a bill is asked about."""

from __future__ import annotations

import pytest

from dokos_banksync.statements.contract import Evidence, ReadingOptions, ReadingQuestion
from dokos_banksync.statements.registry import read

CARD = (
	"Date,Description,Amount,Balance\n13/11/2026,SHOP,80.00,180.00\n"
	"14/11/2026,PAYMENT - THANK YOU,-100.00,80.00\n15/11/2026,CAFE,5.00,85.00\n"
)


def amounts(text, **options):
	[account] = read(text.encode(), ReadingOptions("EUR", **options)).accounts
	assert account.mismatches == ()
	return [str(line.amount) for line in account.lines]


@pytest.mark.parametrize(
	"label", ["PAYMENT - THANK YOU", "Payment", "AUTOPAY 1234", "Paiement reçu", "Paiement - merci"]
)
def test_the_payment_of_a_bill_below_zero_is_asked_about(label):
	text = CARD.replace("PAYMENT - THANK YOU", label)
	with pytest.raises(ReadingQuestion, match="--sign reversed --column balance=-") as asked:
		amounts(text)
	assert asked.value.choices == [{"sign": "normal"}, {"sign": "reversed", "balance": "-"}]
	assert amounts(text, sign="normal") == ["80.00", "-100.00", "5.00"]
	assert amounts(text, sign="reversed", columns={"balance": "-"}) == ["-80.00", "100.00", "-5.00"]


@pytest.mark.parametrize(
	("old", "new"),
	[
		("PAYMENT - THANK YOU", "VIR SALAIRE"),
		("SHOP", "PAYMENT RECEIVED"),
		("CAFE,5.00,85.00", "CAFE,-5.00,75.00"),
		("PAYMENT - THANK YOU", "CHASE CREDIT CRD AUTOPAY"),
		("PAYMENT - THANK YOU", "VIR LEROY RESTAURANT MERCI"),
	],
	ids=[
		"another label",
		"a payment above zero",
		"no more above than below",
		"the bill of another account",
		"thanks",
	],
)
def test_balances_prove_the_signs_of_all_others(old, new):
	assert len(amounts(CARD.replace(old, new))) == 3


def test_one_purchase_beside_the_payment_is_asked_about():
	with pytest.raises(ReadingQuestion, match="--sign reversed"):
		amounts(CARD.rsplit("15/11", 1)[0])


@pytest.mark.parametrize("kind", ["CARD_PAYMENT", "Payment"])
def test_payments_by_card_are_no_payments_of_a_bill(kind):
	text = (
		"Date,Type,Description,Amount,Balance\n13/11/2026,TOPUP,ACME,80.00,180.00\n"
		f"14/11/2026,{kind},SHOP,-100.00,80.00\n15/11/2026,TOPUP,ACME,5.00,85.00\n"
	)
	assert amounts(text) == ["80.00", "-100.00", "5.00"]


def test_opening_and_closing_debts_prove_no_sign():
	text = (
		"Previous balance,100.00\nDate,Description,Amount\n2026-11-02,LIDL,20.15\n2026-11-03,ALDI,10.00\n"
		"2026-11-05,PAYMENT,-50.00\nNew balance,80.15\n"
	)
	with pytest.raises(ReadingQuestion, match="payment of a card's bill"):
		read(text.encode(), ReadingOptions("EUR"))
	[account] = read(text.replace("PAYMENT", "SHOP").encode(), ReadingOptions("EUR")).accounts
	assert account.evidence is Evidence.OPENING_AND_CLOSING
