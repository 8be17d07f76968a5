"""The grant that a provider gave for a connection."""

from __future__ import annotations

from dokos_banksync.core.errors import ConsentRevoked, LoginRequired
from dokos_banksync.core.provider import Access, Secret

CONSENT_HAS_ENDED = "The consent at the bank has ended. Renew it."
CONSENT_WAS_WITHDRAWN = "The consent at the bank was withdrawn. Connect the bank again."
GRANT_IS_GONE = "The consent at the bank is no longer known here. Connect the bank again."


def check_completed(access: Access, *, has_user: bool = False) -> None:
	"""Raise `LoginRequired` for a connection that was never completed; `has_user` where the provider has users."""
	if not access.remote_id or (has_user and not access.remote_user):
		raise LoginRequired("This connection was never completed. Connect the bank.")


def stored_grant(access: Access) -> Secret:
	"""Return the grant of a connection.

	Raises `LoginRequired` for a connection that was never completed, `ConsentRevoked` for one whose grant is gone.
	"""
	check_completed(access)
	stored = access.grant.read()
	if stored is None:
		raise ConsentRevoked(GRANT_IS_GONE)
	return stored
