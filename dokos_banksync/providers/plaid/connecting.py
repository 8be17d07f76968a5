"""What the end of a Link session means.

A public token can be exchanged once. What came of it is kept for a day, so that a failure right after the exchange
loses neither the access token nor the item.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from dokos_banksync.core.errors import LoginRequired
from dokos_banksync.core.provider import Access, Clock, Completed, Secret, SecretStore
from dokos_banksync.providers.grants import GRANT_IS_GONE
from dokos_banksync.providers.plaid import errors, items, link
from dokos_banksync.providers.plaid.client import Client
from dokos_banksync.providers.plaid.duplicates import KnownItems

_POLL = timedelta(seconds=3)
_POLL_OPEN = timedelta(seconds=10)
"""While the user may add further banks. Each time the items are read, which Plaid allows 15 times a minute."""
_LIFETIME = timedelta(days=1)


def complete(client: Client, store: SecretStore, access: Access, session: Secret, clock: Clock) -> Completed:
	"""Return how a session went: the items with their access tokens, a failure, a cancellation, or "not yet"."""
	if not session:
		return Completed(None, message="The bank's page has expired. Start again from here.")
	try:
		outcome = link.outcome(client, session)
	except LoginRequired as error:
		return Completed(None, message=error.message, reference=error.reference)
	if access.remote_id:
		return _renewed(client, KnownItems(store), access, outcome=outcome, clock=clock)
	if outcome.added:
		return _all_added(client, store, access, outcome=outcome, clock=clock)
	return _unfinished(outcome, clock)


def _all_added(
	client: Client, store: SecretStore, access: Access, outcome: link.Outcome, clock: Clock
) -> Completed:
	"""Return what a session has added so far. Each public token is exchanged at once, for it is good for half an hour."""
	earlier = (_stored(store, one.public_token) for one in outcome.added)
	taken = {*access.taken, *(item_id for _, item_id in filter(None, earlier))}
	found = []
	for one in outcome.added:
		found.append(_added(client, store, one, taken=taken, clock=clock))
		taken.update(made.remote_id for made in [found[-1].connection] if made)
	main = next((one for one in found if one.connection), found[0])
	others = tuple(one for one in found if one is not main)
	return replace(main, others=others, pending=outcome.open, poll_after=_POLL_OPEN)


def _added(
	client: Client, store: SecretStore, added: link.Added, taken: Collection[str], clock: Clock
) -> Completed:
	"""Exchange the public token of a new item, unless the same login is connected already.

	A login that is known and belongs to no connection was lost when a process was killed: it may be connected again.
	"""
	known, stored = KnownItems(store), _stored(store, added.public_token)
	refused = partial(Completed, None, institution_name=added.institution_name)
	other = "" if stored else known.same_login(added.institution_id, added.accounts)
	if other in taken:
		return refused(
			message="This login is connected already. Reconnect the existing connection, or disconnect it first.",
			reference=f"item {other}",
		)
	try:
		token, item_id = stored or _exchange(client, store, added.public_token, clock())
		found = items.item(client, token, clock())
	except LoginRequired as error:
		return refused(message=error.message, reference=error.reference)
	known.remember(item_id, added.institution_id, added.accounts, clock())
	return Completed(
		found,
		message=found.message,
		reference=found.reference,
		grant=token,
		institution_name=added.institution_name,
	)


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
