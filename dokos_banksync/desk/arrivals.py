"""The way back from the provider's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from dokos_banksync.desk.contract import Data, Desk
from dokos_banksync.desk.phrases import Phrases
from dokos_banksync.desk.visits import state_of
from dokos_banksync.engine.journey import Arrival
from dokos_banksync.engine.model import ACTIONS


class Landing(NamedTuple):
	"""The Bank form to go on to, and the key of what it tells: only the page whose address bears it does."""

	bank: str
	key: str


def receive(desk: Desk, query: Mapping[str, str]) -> Landing:
	"""Take the person back to the Bank form, which tells what happened.

	The address proves nothing: the state counts once and only for the person who left with it, and what
	was connected is read again at the provider. Raises `NotFound` for any other.
	"""
	arrival = desk.site.finish(state_of(query), query, desk.person)
	desk.end_clicks()
	bank = arrival.connection.bank
	return Landing(bank, desk.keep_arrival({"bank": bank, **told(desk.phrases, arrival)}))


def told(phrases: Phrases, arrival: Arrival) -> Data:
	"""What the Bank form says, and whether it goes on to the choice of accounts."""
	message = phrases.retell(arrival.message)
	if arrival.cancelled:
		kept = phrases("You left the bank's page before the end. Nothing was changed.")
		return {"message": message or kept, "indicator": "blue", "choose_accounts": False}
	if not arrival.accounts:
		waiting = phrases("The bank shares no account yet. Try again, or check again in a moment.")
		return {"message": message or waiting, "indicator": "orange", "choose_accounts": False}
	needs_person = ACTIONS[arrival.connection.status] == "reconnect"
	welcome = phrases("The bank is connected. Choose what to import.")
	return {
		"message": message or welcome,
		"indicator": "orange" if needs_person else "green",
		"choose_accounts": not needs_person,
	}
