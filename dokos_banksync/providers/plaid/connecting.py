"""What the end of a Link session means.

A public token can be exchanged once. What came of it is kept for a day, so that a failure right after the exchange
loses neither the access token nor the item.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime, timedelta

from dokos_banksync.core.errors import LoginRequired
from dokos_banksync.core.message import Message
from dokos_banksync.core.provider import Access, Clock, Completed, Secret, SecretStore
from dokos_banksync.providers.grants import GRANT_IS_GONE
from dokos_banksync.providers.plaid import errors, items, link
from dokos_banksync.providers.plaid.client import Client
from dokos_banksync.providers.plaid.duplicates import KnownItems

_POLL = timedelta(seconds=3)
_LIFETIME = timedelta(days=1)


def complete(client: Client, store: SecretStore, access: Access, session: Secret, clock: Clock) -> Completed:
	"""Return how a session went: the item with its access token, a failure, a cancellation, or "not yet"."""
	if not session:
		return Completed(None, message="The bank's page has expired. Start again from here.")
	try:
		outcome = link.outcome(client, session)
	except LoginRequired as error:
		return Completed(None, message=error.message, reference=error.reference)
	if access.remote_id:
		return _renewed(client, KnownItems(store), access, outcome=outcome, clock=clock)
	if outcome.added:
		found = _added(client, store, outcome.added[0], clock)
		return found if len(outcome.added) == 1 else _first_of(found, len(outcome.added))
	return _unfinished(outcome, clock)


def _added(client: Client, store: SecretStore, added: link.Added, clock: Clock) -> Completed:
	"""Exchange the public token of a new item, unless the same login is connected already."""
	known, stored = KnownItems(store), _stored(store, added.public_token)
	other = "" if stored else known.same_login(added.institution_id, added.accounts)
	if other:
		return Completed(
			None,
			message="This login is connected already. Reconnect the existing connection, or disconnect it first.",
			reference=f"item {other}",
		)
	try:
		token, item_id = stored or _exchange(client, store, added.public_token, clock())
	except LoginRequired as error:
		return Completed(None, message=error.message, reference=error.reference)
	found = items.item(client, token, clock())
	known.remember(item_id, added.institution_id, added.accounts, clock())
	return Completed(found, message=found.message, reference=found.reference, grant=token)


def _first_of(found: Completed, count: int) -> Completed:
	"""Say that the session brought further logins. What is not exchanged within half an hour is nothing to Plaid."""
	message = Message(
		"This session connected {0} logins, of which the first one is used. Connect the others again.", count
	)
	return replace(found, message=message) if found.connection else found


def _exchange(client: Client, store: SecretStore, public_token: Secret, now: datetime) -> tuple[Secret, str]:
	token, item_id = link.exchange(client, public_token)
	store.put(_key(public_token), Secret(json.dumps([token.reveal(), item_id])), now + _LIFETIME)
	return token, item_id


def _stored(store: SecretStore, public_token: Secret) -> tuple[Secret, str] | None:
	"""Return what an earlier exchange of a public token gave."""
	found = store.get(_key(public_token))
	if found is None:
		return None
	token, item_id = json.loads(found.reveal())
	return Secret(token), item_id


def _key(public_token: Secret) -> str:
	return f"plaid exchanged {hashlib.sha256(public_token.reveal().encode()).hexdigest()}"


def _renewed(
	client: Client, known: KnownItems, access: Access, outcome: link.Outcome, clock: Clock
) -> Completed:
	"""Update mode keeps the item and its token: nothing is exchanged, the item is read again."""
	token = access.grant.read()
	if token is None:
		return Completed(None, message=GRANT_IS_GONE)
	if not outcome.added and not (outcome.ended and not outcome.left):
		return _unfinished(outcome, clock)
	found = items.item(client, token, clock())
	for added in outcome.added:
		known.remember(found.remote_id, found.institution_id, added.accounts, clock())
	return Completed(found, message=found.message, reference=found.reference)


def _unfinished(outcome: link.Outcome, clock: Clock) -> Completed:
	if outcome.problem is not None:
		error = errors.error(outcome.problem, clock())
		return Completed(None, message=error.message, reference=error.reference)
	if outcome.ended:
		return Completed(None, cancelled=True)
	return Completed(None, pending=True, poll_after=_POLL)
