"""Users at Plaid, each of whom may connect several banks in one session.

https://plaid.com/docs/link/multi-item-link/. A user is no more than a name here: Plaid is told nothing of the person. Clients that
began before 10 December 2025 are given a token that names the user, later ones an id.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from dokos_banksync.core.errors import ConfigurationError, ProviderBug, UnsupportedByInstitution
from dokos_banksync.core.provider import Secret, SecretStore
from dokos_banksync.providers.parsing import text
from dokos_banksync.providers.plaid.client import Client

_LIFE = timedelta(days=3650)
_NAMES = ("user_token", "user_id")
"""What may name a user in a session, by the documents' precedence."""


def user_fields(
	client: Client, store: SecretStore, client_user_id: str, now: datetime
) -> Mapping[str, Secret]:
	"""Return what names a user in a session, made at Plaid where it is new; empty where Plaid makes none for this client."""
	key = f"plaid user {client_user_id}"
	if stored := store.get(key):
		name, value = json.loads(stored.reveal())
		return {name: Secret(value)}
	try:
		answer = client.post("/user/create", {"client_user_id": client_user_id})
	except (ConfigurationError, ProviderBug, UnsupportedByInstitution):
		return {}  # keys that are wrong are named by the call that opens the session
	found = next(((name, text(answer.get(name))) for name in _NAMES if text(answer.get(name))), None)
	if found is None:
		return {}
	store.put(key, Secret(json.dumps(found)), now + _LIFE)
	return {found[0]: Secret(found[1])}
