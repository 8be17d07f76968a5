"""The import of a file among the runs of feeds."""

from __future__ import annotations

from dokos_banksync.actions.file_import import ImportOptions, prepare, take
from dokos_banksync.hosts.standalone.site import Site
from tests.hosts.standalone.web.conftest import BANK, Visitor


def test_the_import_of_a_file_has_a_page_of_its_own(site: Site, visitor: Visitor) -> None:
	site.ledger.add_bank_account("Current", BANK, "EUR")
	table = "Date;Libellé;Montant\n13/11/2026;CB CAFE;-3,20\n14/11/2026;X;abc\n".encode()
	run = take(
		site.ledger, prepare(site.ledger, "Current", "a.csv", table, ImportOptions()), clock=site.clock
	)
	page = visitor.get(f"/sync-run/{run.name}")
	assert page.status_code == 200
	assert "File a.csv" in page.text
	assert '/sync-connection/"' not in page.text
	assert run.name in visitor.get("/sync-run").text
	assert "CB CAFE" in visitor.get("/bank-transaction").text
