"""What a user's requests leave for their next ones, for any process to find: in Redis, for a short while."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from typing import Any

from dokos_banksync.actions.context import Data
from dokos_banksync.hosts.frappe.ledger import locks
from dokos_banksync.hosts.frappe.progress import cache

_SAME_CLICK = 20
"""Seconds for which a click counts as the same one; a provider's page stays open for longer."""

_PATIENCE = 60
"""Seconds that a second click waits for the first to reach the provider."""

_OUTCOME_SECONDS = 3600
"""Seconds for which a page may fetch its outcome message."""


def click(user: str, key: tuple[str, ...], begin: Callable[[], str]) -> str:
	"""Return the address to open. A second click, in any process, waits for the first and gets the same address."""
	place, mark = _click_key(user), hashlib.sha256("\0".join(key).encode()).hexdigest()
	with locks.hold(place, wait=_PATIENCE):
		held: dict[str, Any] = cache().get_value(place, expires=True) or {}
		begun, url = held.get(mark, (0.0, ""))
		if time.time() - begun > _SAME_CLICK:
			url = begin()
			held = {**held, mark: (time.time(), url)}
			cache().set_value(place, held, expires_in_sec=_SAME_CLICK)
		return str(url)


def end_double_click(user: str) -> None:
	"""Let the user's next click start again."""
	cache().delete_value(_click_key(user))


def _click_key(user: str) -> str:
	return f"banksync_clicks|{user}"


def store_outcome(user: str, outcome: Data) -> str:
	"""Store the outcome, and return the key with which the page fetches it."""
	key = secrets.token_hex(8)
	cache().set_value(_outcome_key(user, key), dict(outcome), expires_in_sec=_OUTCOME_SECONDS)
	return key


def take_outcome(user: str, key: str) -> Data | None:
	"""Return the outcome of a callback once, to the same user only."""
	outcome: Data | None = cache().get_value(_outcome_key(user, key), expires=True)
	cache().delete_value(_outcome_key(user, key))
	return outcome


def _outcome_key(user: str, key: str) -> str:
	return f"banksync_outcome|{user}|{key}"
