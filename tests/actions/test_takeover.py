"""What the dialog of a takeover is given."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.takeover import forecast_data
from dokos_banksync.core.connection.takeover import AccountForecast, EarlierAccount, Forecast, Pairing
from dokos_banksync.core.model import ConnectionStatus, Reason, RemoteAccount, RemoteConnection
from dokos_banksync.core.records import UnmatchedItem

DOLLARS = RemoteAccount("acc-1", "Checking", "checking", "USD")
SPENT = UnmatchedItem("BT-1", date(2026, 3, 2), Decimal("12.50"), "Coffee", Reason.NONE)
"""A payment of 12.50: without it, the bank would have that much more than the books."""


def test_what_only_the_books_have_is_in_the_currency_of_the_account_and_with_its_sign() -> None:
	pairing = Pairing(EarlierAccount("Dollars", "acc-1"), DOLLARS, date(2026, 3, 1))
	made = Forecast(
		RemoteConnection("item-1", "ins_1", ConnectionStatus.ACTIVE),
		[AccountForecast(pairing, {"linked_by_id": 3}, unmatched=[SPENT])],
	)
	[account] = forecast_data(SimpleNamespace(translations=Translations("en")), made)["accounts"]  # type: ignore[arg-type]
	assert account["unmatched"] == [
		{
			"name": "BT-1",
			"date": "2026-03-02",
			"amount": "-12.50",
			"currency": "USD",
			"description": "Coffee",
		}
	]
	assert account["messages"] == [
		"3 linked by their id",
		"1 in the books that the bank does not list: it stays",
	]
