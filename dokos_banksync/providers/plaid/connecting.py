"""What the end of a Link session means."""

from __future__ import annotations

from datetime import timedelta

from dokos_banksync.core.errors import LoginRequired
from dokos_banksync.core.provider import Access, Clock, Completed, Secret
from dokos_banksync.providers.plaid import errors, items, link
from dokos_banksync.providers.plaid.client import Client
from dokos_banksync.providers.plaid.duplicates import KnownItems

_POLL = timedelta(seconds=3)


def complete(client: Client, known: KnownItems, access: Access, session: Secret, clock: Clock) -> Completed:
	"""Return how a session went: the item with its access token, a failure, a cancellation, or "not yet"."""
	if not session:
		return Completed(None, message="The bank's page has expired. Start again from here.")
	try:
		outcome = link.outcome(client, session)
	except LoginRequired as error:
		return Completed(None, message=str(error), reference=error.reference)
	if access.remote_id:
		return _renewed(client, known, access, outcome, clock)
	if outcome.added:
		return _added(client, known, outcome.added[0], clock)
	return _unfinished(outcome, clock)


def _added(client: Client, known: KnownItems, added: link.Added, clock: Clock) -> Completed:
	"""Exchange the public token of a new item, unless the same login is connected already."""
	other = known.same_login(added.institution_id, added.accounts)
	if other:
		return Completed(
			None,
			message="This login is connected already. Reconnect the existing connection, or disconnect it first.",
			reference=f"item {other}",
		)
	try:
		token, item_id = link.exchange(client, added.public_token)
	except LoginRequired as error:
		return Completed(None, message=str(error), reference=error.reference)
	known.remember(item_id, added.institution_id, added.accounts, clock())
	found = items.item(client, token, clock())
	return Completed(found, message=found.message, reference=found.reference, grant=token)


def _renewed(
	client: Client, known: KnownItems, access: Access, outcome: link.Outcome, clock: Clock
) -> Completed:
	"""Update mode keeps the item and its token: nothing is exchanged, the item is read again."""
	token = access.grant.read()
	if token is None:
		return Completed(
			None, message="This connection has no access to the bank (any more). Connect the bank again."
		)
	if not outcome.added and not (outcome.ended and not outcome.left):
		return _unfinished(outcome, clock)
	found = items.item(client, token, clock())
	for added in outcome.added:
		known.remember(found.remote_id, found.institution_id, added.accounts, clock())
	return Completed(found, message=found.message, reference=found.reference)


def _unfinished(outcome: link.Outcome, clock: Clock) -> Completed:
	if outcome.problem is not None:
		error = errors.error(outcome.problem, clock())
		return Completed(None, message=str(error), reference=error.reference)
	if outcome.ended:
		return Completed(None, cancelled=True)
	return Completed(None, pending=True, poll_after=_POLL)
