"""Changes at the banks or at Bridge, simulated on demand: what the next round of the scheduler would show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from dokos_banksync.sandbox.bridge.model import Account
from dokos_banksync.sandbox.bridge.outcomes import info_of
from dokos_banksync.sandbox.bridge.reader import Reading
from dokos_banksync.sandbox.bridge.state import Bridge
from dokos_banksync.sandbox.movements import Movement


def late_row(
	bridge: Bridge, account_id: int, days: int = 40, cents: int = -4250, label: str = "CB RETARDATAIRE"
) -> Movement:
	"""Book a movement on a day long past; true for every item that shows the account."""
	_, account = bridge.find_account(account_id)
	day = bridge.world.clock.today() - timedelta(days=days)
	movement = account.real.add_late(day, cents, label)
	_read_everywhere(bridge, account)
	return movement


def delete(bridge: Bridge, account_id: int, number: int = 1) -> Movement:
	"""Remove the n-th latest booked movement."""
	_, account = bridge.find_account(account_id)
	removed = account.real.remove(_latest(bridge, account, number).key)
	_read_everywhere(bridge, account)
	return removed


def recategorise(bridge: Bridge, account_id: int, number: int = 1, category: str = "unknown") -> Movement:
	"""Change the category of the n-th latest movement."""
	_, account = bridge.find_account(account_id)
	changed = account.real.recategorise(_latest(bridge, account, number).key, category)
	_read_everywhere(bridge, account)
	return changed


def rebook(bridge: Bridge, account_id: int, number: int = 1, cents: int = -1999) -> Movement:
	"""Book the n-th latest movement anew: another id, another amount, the old one deleted."""
	_, account = bridge.find_account(account_id)
	booked = account.real.rebook(_latest(bridge, account, number).key, cents)
	_read_everywhere(bridge, account)
	return booked


def renumber(bridge: Bridge, account_id: int, tombstones: bool = True) -> int:
	"""Give every transaction of the account another id. Return how many there were."""
	return _reading(bridge, account_id).renumber(tombstones=tombstones)


def expire(bridge: Bridge, item_id: int) -> None:
	"""End the consent of an item now."""
	user, item = bridge.find_item(item_id)
	item.authentication_expires_at = bridge.now()
	bridge.scheduler.fail(user, item, status=1010, info=info_of(1010), trigger="scheduler")


def set_status(bridge: Bridge, item_id: int, status: int, info: str = "") -> None:
	"""End a refresh of an item in a given status."""
	user, item = bridge.find_item(item_id)
	bridge.scheduler.fail(user, item, status=status, info=info or info_of(status), trigger="scheduler")


def touch_row(bridge: Bridge, account_id: int, row_id: int) -> None:
	"""Bridge changes something about a row that no field shows: it moves to a later `updated_at`.

	KeyError for a row that the account has not.
	"""
	with bridge.lock:
		_, account = bridge.find_account(account_id)
		row = account.row(row_id)
		if row is None:
			raise KeyError(f"transaction {row_id}")
		_reading(bridge, account_id).touch(row)


SIMULATIONS: dict[str, Callable[..., Any]] = {
	"late_row": late_row,
	"delete": delete,
	"recategorise": recategorise,
	"rebook": rebook,
	"renumber": renumber,
	"expire": expire,
	"set_status": set_status,
	"touch_row": touch_row,
}


def simulate(bridge: Bridge, what: str, **values: Any) -> Any:
	"""Run one simulation. KeyError for an unknown name or id."""
	with bridge.lock:
		return SIMULATIONS[what](bridge, **values)


def _latest(bridge: Bridge, account: Account, number: int) -> Movement:
	return account.real.movements(bridge.world.clock.today())[-number]


def _reading(bridge: Bridge, account_id: int) -> Reading:
	item, account = bridge.find_account(account_id)
	return bridge.scheduler.reading(item, account)


def _read_everywhere(bridge: Bridge, account: Account) -> None:
	for other_id in bridge.accounts_showing(account.real):
		_reading(bridge, other_id).read()
