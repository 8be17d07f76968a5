"""Bank Accounts are renamed with all that names them, and closed without losing what they hold."""

from __future__ import annotations

import pytest

from dokos_banksync.actions.file_import import ImportOptions, prepare, take
from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.core.review.proof import prove
from dokos_banksync.hosts.standalone.site import Site
from tests.hosts.standalone.web.conftest import BANK, connected, sandbox, site

__all__ = ["sandbox", "site"]

TABLE = "Date;Libellé;Montant;Solde\n13/10/2026;CAFE;-3,20;96,80\n14/10/2026;TRAIN;-6,80;90,00\n15/10/2026;X;-5,00;85,00\n"


def imported(site: Site, account: str, table: str = TABLE) -> str:
	filing = prepare(site.ledger, account, "a.csv", table.encode(), ImportOptions())
	return take(site.ledger, filing, clock=site.clock).name


@pytest.fixture
def fed(site: Site) -> str:
	"""A connection whose account feeds the Bank Account Current, fetched once."""
	connection = connected(site)
	proposal = next(p for p in site.proposals(connection) if p.remote.iban)
	site.link(connection, [Choice(proposal.source, "Current")])
	site.sync(connection)
	return connection


def test_a_renamed_account_keeps_its_transactions_its_feed_and_its_proof(site: Site, fed: str) -> None:
	before = [row.name for row in site.ledger.transactions(bank_account="Current", limit=-1)]
	proof = prove(site.ledger, "Current")
	assert site.ledger.rename_bank_account("Current", " Business ").name == "Business"
	assert [row.name for row in site.ledger.transactions(bank_account="Business", limit=-1)] == before
	assert prove(site.ledger, "Business").complete == proof.complete is True
	with pytest.raises(NotFound):
		site.ledger.bank_account("Current")
	run = site.sync(fed)
	assert (run.created, run.removed, run.updated) == (0, 0, 0)


def test_an_import_before_the_renaming_is_undone_after_it(site: Site) -> None:
	site.ledger.add_bank_account("A", BANK, "EUR")
	run = imported(site, "A")
	site.ledger.remove(site.ledger.transactions(bank_account="A", limit=1)[0].name)
	site.ledger.rename_bank_account("A", "B")
	removal = site.ledger.runs(limit=1)[0]
	site.ledger.undo(removal.name)
	assert len(site.ledger.transactions(bank_account="B", limit=-1)) == 3
	site.ledger.undo(run)
	assert site.ledger.transactions(bank_account="B", limit=-1) == []


@pytest.mark.parametrize("wanted", ["", "  ", "B"])
def test_a_name_that_is_empty_or_taken_is_refused(site: Site, wanted: str) -> None:
	site.ledger.add_bank_account("A", BANK, "EUR")
	site.ledger.add_bank_account("B", BANK, "EUR")
	with pytest.raises(InvalidData):
		site.ledger.rename_bank_account("A", wanted)
	assert [one.name for one in site.ledger.bank_accounts()] == ["A", "B"]


def test_nothing_is_linked_to_a_closed_account(site: Site, fed: str) -> None:
	"""It would be said to be fed, and nothing would ever be imported."""
	[source] = [one.source for one in site.ledger.accounts(fed) if one.bank_account]
	site.ledger.close_bank_account("Current")
	with pytest.raises(InvalidData, match="Current is closed"):
		site.link(fed, [Choice(source, "Current")])
	assert [one.bank_account for one in site.ledger.accounts(fed) if one.bank_account] == []
	site.ledger.close_bank_account("Current", closed=False)
	site.link(fed, [Choice(source, "Current")])


def test_a_closed_account_is_neither_fetched_nor_offered_nor_imported_into(site: Site, fed: str) -> None:
	held = len(site.ledger.transactions(bank_account="Current", limit=-1))
	site.ledger.close_bank_account("Current")
	assert site.ledger.bank_accounts() == []
	assert [one.name for one in site.ledger.closed_bank_accounts()] == ["Current"]
	assert site.sync(fed).fetched == 0
	assert "Current" not in [p.bank_account for p in site.proposals(fed)]
	with pytest.raises(InvalidData, match="is closed"):
		imported(site, "Current")
	assert len(site.ledger.transactions(bank_account="Current", limit=-1)) == held
	site.ledger.close_bank_account("Current", closed=False)
	assert [one.name for one in site.ledger.bank_accounts()] == ["Current"]
