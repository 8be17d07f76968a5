"""Takes the pictures of the documentation: `python -m tests.browser.pictures`.

They show the pages over the sandbox bank, so anyone gets the same ones.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from importlib import import_module, util
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, expect, sync_playwright

from dokos_banksync.actions.file_import import ImportOptions, prepare
from dokos_banksync.actions.file_import import take as file
from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.hosts.standalone.ledger.transactions import TransactionRow
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.hosts.standalone.web import WebServer
from dokos_banksync.sandbox.server import CLIENT_ID, CLIENT_SECRET, SandboxServer
from dokos_banksync.sandbox.world import World
from tests.browser.conftest import Desk, window
from tests.conftest import ARGUMENTS, CHROMIUM
from tests.hosts.standalone.web.conftest import BANK, PROVIDER, connected

FOLDER = Path(__file__).parent.parent.parent / "docs" / "images"


@contextmanager
def fresh_site(language: str) -> Iterator[WebServer]:
	with (
		tempfile.TemporaryDirectory() as home,
		SandboxServer(World(years=0.5)) as bank,
		Site(Path(home), clock=bank.world.clock.now, language=language) as site,
	):
		site.add_provider(
			PROVIDER, "Bridge", {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}, bank.url, "Sandbox"
		)
		site.ledger.add_bank(BANK)
		with WebServer(site) as server:
			yield server


def shrink(picture: Path) -> None:
	"""Give a picture a palette of 256 colours, a third of its bytes, where Pillow is installed."""
	if util.find_spec("PIL") is None:
		return
	image = import_module("PIL.Image").open(picture)
	image.convert("RGB").quantize(256).save(picture, optimize=True)


def take(desk: Desk, name: str) -> None:
	desk.page.wait_for_timeout(300)
	desk.page.screenshot(path=FOLDER / f"{name}.png")
	shrink(FOLDER / f"{name}.png")
	print(f"{name}.png {(FOLDER / f'{name}.png').stat().st_size // 1024} KB")  # noqa: T201


def in_english(browser: Browser) -> None:
	with fresh_site("en") as server:
		context, desk = window(browser, server, "en-GB")
		desk.open_bank()
		desk.button("Connect your bank")
		desk.dialog.locator("[name=search]").fill("Banque")
		expect(desk.dialog.get_by_role("radio")).not_to_have_count(0)
		desk.open_bank()
		desk.leave_for_the_bank()
		desk.log_in()
		desk.consent()
		expect(desk.dialog.locator("[data-source]")).not_to_have_count(0)
		take(desk, "update-bank-accounts")
		desk.import_all()
		desk.page.locator(".menu-button").click()
		take(desk, "bank")
		desk.open("/bank-transaction")
		take(desk, "transactions")
		context.close()


def in_french(browser: Browser) -> None:
	with fresh_site("fr") as server:
		context, desk = window(browser, server, "fr-FR")
		desk.connect()
		expect(desk.dialog.locator("[data-source]")).not_to_have_count(0)
		take(desk, "update-bank-accounts-fr")
		desk.import_all()
		desk.page.locator(".menu-button").click()
		take(desk, "bank-fr")
		desk.open("/bank-transaction")
		take(desk, "transactions-fr")
		context.close()


def of_first_minutes(browser: Browser, language: str, locale: str, suffix: str) -> None:
	"""One search over two providers, and the pictures of an account."""
	with fresh_site(language) as server:
		site = server.app.site
		keys = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
		site.add_provider("Bridge Pro", "Bridge", keys, str(site.ledger.providers()[0]["base_url"]))
		context, desk = window(browser, server, locale)
		desk.open_bank()
		desk.page.locator("#page-actions").get_by_role("button").first.click()
		desk.dialog.locator("[name=search]").fill("Banqe")
		expect(desk.dialog.locator("[name=banksync_offer]")).to_have_count(2)
		take(desk, f"connect-your-bank{suffix}")
		desk.page.keyboard.press("Escape")
		desk.connect()
		desk.import_all()
		account = next(one for one in site.ledger.bank_accounts() if one.iban)
		desk.open(f"/bank-account/{quote(account.name)}")
		expect(desk.page.locator(".banksync-pictures")).to_be_visible()
		desk.page.set_viewport_size({"width": 1280, "height": 1250})
		take(desk, f"account{suffix}")
		context.close()


ACCOUNT = "Current account"
_REPAIRS = {
	"en": (
		"Import a statement file",
		"File",
		"Find duplicates",
		"Proof",
		"This is the difference",
		"Certificate of a month",
	),
	"fr": (
		"Importer un relevé",
		"Fichier",
		"Chercher les doublons",
		"Preuve",
		"C’est la différence",
		"Certificat d’un mois",
	),
}
"""Names in the menu of a bank account, and what the dialogs say."""


def of_repairs(browser: Browser, language: str, locale: str, suffix: str) -> None:
	"""A file, a duplicate, a difference and a certificate."""
	menu_import, field, duplicates, proof, difference, certificate = _REPAIRS[language]
	with fresh_site(language) as server:
		site = server.app.site
		connection = connected(site)
		proposal = next(p for p in site.proposals(connection) if p.remote.iban)
		site.link(connection, [Choice(proposal.source, ACCOUNT)])
		site.sync(connection)
		rows = site.ledger.transactions(bank_account=ACCOUNT, limit=20)[8:]
		alike, gone = [row for row in rows if row.amount < 0][:2]
		context, desk = window(browser, server, locale)

		def opened(item: str) -> None:
			desk.open(f"/bank-account/{quote(ACCOUNT)}")
			desk.menu(item)

		opened(menu_import)
		desk.dialog.get_by_label(field).set_input_files(str(statement(site)))
		expect(desk.dialog.locator("[data-list] tbody tr")).to_have_count(3)
		desk.dialog.locator("summary").first.click()
		take(desk, f"import-a-file{suffix}")
		import_twin(site, alike)
		opened(duplicates)
		expect(desk.dialog.locator("[data-pair]")).to_have_count(1)
		take(desk, f"find-duplicates{suffix}")
		site.ledger.undo(site.ledger.runs()[0].name)
		site.ledger.remove(gone.name)
		site.sync(connection)
		opened(proof)
		expect(desk.dialog).to_contain_text(difference)
		take(desk, f"proof{suffix}")
		opened(certificate)
		desk.dialog.locator(".btn-primary").click()
		desk.page.wait_for_url("**/sync-certificate/**")
		take(desk, f"certificate{suffix}")
		context.close()


def statement(site: Site) -> Path:
	"""Write a file of three rows, the first of which is a bank transaction already."""
	known = site.ledger.transactions(bank_account=ACCOUNT, limit=20)[3]
	rows = (
		(known.date, known.description, known.amount),
		(known.date, "CB KIOSQUE DE LA GARE", Decimal("-4.20")),
		(known.date, "VIR LOYER NOVEMBRE", Decimal("-850.00")),
	)
	table = [f"{day:%d/%m/%Y};{label};{str(amount).replace('.', ',')}" for day, label, amount in rows]
	path = site.home / "november.csv"
	path.write_text("\n".join(["Date;Libellé;Montant", *table, ""]), "utf-8")
	return path


def import_twin(site: Site, alike: TransactionRow) -> None:
	"""Import the same transaction from a file, under another label."""
	twin = f"Date;Label;Amount\n{alike.date.isoformat()};Autre libellé;{alike.amount}\n"
	prepared = prepare(site.ledger, ACCOUNT, "twin.csv", twin.encode(), ImportOptions())
	file(site.ledger, prepared, clock=site.clock)


def main() -> None:
	if CHROMIUM is None:
		sys.exit("There is no chromium in the PATH to take pictures with.")
	FOLDER.mkdir(parents=True, exist_ok=True)
	with sync_playwright() as playwright:
		browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
		in_english(browser)
		in_french(browser)
		of_repairs(browser, "en", "en-GB", "")
		of_repairs(browser, "fr", "fr-FR", "-fr")
		of_first_minutes(browser, "en", "en-GB", "")
		of_first_minutes(browser, "fr", "fr-FR", "-fr")
		browser.close()


if __name__ == "__main__":
	main()
