"""The way back from the provider's page."""

from __future__ import annotations

from urllib.parse import quote

from werkzeug.wrappers import Response

from dokos_banksync.embedded.loopback import state_of
from dokos_banksync.embedded.web.call import Call
from dokos_banksync.engine.journey import Arrival
from dokos_banksync.engine.model import ACTIONS


def receive(call: Call) -> Response:
	"""Take the person back to the Bank form, which tells what happened.

	The address proves nothing: the state counts once and only for the session that left with it, and what
	was connected is read again at the provider.
	"""
	query = call.request.args.to_dict()
	arrival = call.site.finish(state_of(query), query, call.session.person)
	call.clicks.end(call.session.person)
	bank = arrival.connection.bank
	call.session.arrivals[bank] = told(call, arrival)
	return call.go(f"/bank/{quote(bank, safe='')}")


def told(call: Call, arrival: Arrival) -> dict[str, object]:
	"""What the Bank form says, and whether it goes on to the choice of accounts."""
	message = call.phrases.retell(arrival.message)
	if arrival.cancelled:
		kept = call.phrases("You left the bank's page before the end. Nothing was changed.")
		return {"message": message or kept, "indicator": "blue", "choose_accounts": False}
	if not arrival.accounts:
		waiting = call.phrases("The bank shares no account yet. Try again, or check again in a moment.")
		return {"message": message or waiting, "indicator": "orange", "choose_accounts": False}
	needs_person = ACTIONS[arrival.connection.status] == "reconnect"
	welcome = call.phrases("The bank is connected. Choose what to import.")
	return {
		"message": message or welcome,
		"indicator": "orange" if needs_person else "green",
		"choose_accounts": not needs_person,
	}
