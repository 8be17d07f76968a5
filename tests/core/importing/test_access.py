"""What a provider is given to read a connection, and which accounts it takes for imported."""

from __future__ import annotations

import pytest

from dokos_banksync.core.importing.access import access_to, access_to_linked
from dokos_banksync.core.model import RemoteAccount
from tests.hosts.standalone.ledger.build import connected_ledger


@pytest.fixture
def ledger_and_record(tmp_path):
	ledger, name = connected_ledger(tmp_path)
	remote = [
		RemoteAccount(remote_id=one, account_name=one, kind="checking", currency="EUR")
		for one in ("open", "closed", "free")
	]
	for one in ledger.save_accounts(name, remote)[:2]:
		target = ledger.add_bank_account(one.remote.remote_id, "Banque du Port", "EUR").name
		ledger.link(one.source, target, None)
	with ledger.db.write():  # as on an ERP, where closing does not unlink
		ledger.db.run("UPDATE bank_account SET disabled = 1 WHERE name = 'closed'")
	return ledger, ledger.connection(name)


def test_an_account_is_imported_if_it_is_linked_to_an_open_bank_account(ledger_and_record):
	access = access_to_linked(*ledger_and_record)
	assert access.linked == {"open"}
	assert [one for one in ("open", "closed", "free") if access.imports(one)] == ["open"]


def test_where_it_is_left_open_every_account_may_be_imported(ledger_and_record):
	access = access_to(*ledger_and_record)
	assert (access.remote_user, access.remote_id, access.linked) == ("user-1", "item-1", None)
	assert access.imports("free")
