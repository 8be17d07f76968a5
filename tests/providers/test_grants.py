"""The grant of a connection, and the two ways in which there can be none."""

from __future__ import annotations

import pytest

from dokos_banksync.core.errors import ConsentRevoked, LoginRequired
from dokos_banksync.core.provider import Access, Secret
from dokos_banksync.providers.grants import check_completed, stored_grant
from dokos_banksync.providers.process_stores import ProcessGrantStore


def _store(text: str = "") -> ProcessGrantStore:
	store = ProcessGrantStore()
	if text:
		assert store.write(None, Secret(text))
	return store


def test_a_stored_grant_is_returned():
	assert stored_grant(Access(remote_id="c-1", grant=_store("token"))).reveal() == "token"


def test_a_connection_that_was_never_completed_asks_for_a_login():
	with pytest.raises(LoginRequired, match="never completed"):
		stored_grant(Access(grant=_store("token")))


def test_a_grant_that_is_gone_means_that_the_consent_is_gone():
	with pytest.raises(ConsentRevoked, match="no longer known here"):
		stored_grant(Access(remote_id="c-1", grant=_store()))


def test_where_a_provider_has_users_the_user_is_needed_too():
	check_completed(Access(remote_id="c-1"))
	check_completed(Access(remote_user="u-1", remote_id="c-1"), has_user=True)
	with pytest.raises(LoginRequired):
		check_completed(Access(remote_id="c-1"), has_user=True)
