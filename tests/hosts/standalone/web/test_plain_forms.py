"""Every form of every page works without scripts: its own fields are posted as a browser posts them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http import HTTPStatus
from urllib.parse import quote

import pytest

from dokos_banksync.actions.file_import import ImportOptions, prepare, take
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.hosts.standalone.web.app import ROUTES
from dokos_banksync.sandbox.server import CLIENT_ID
from tests.hosts.standalone.web.conftest import BANK, PROVIDER, Visitor

ACCOUNT = "Current / a"
STATEMENT = "Date;Libellé;Montant\n13/11/2026;CB CAFE;-3,20\n".encode()


@dataclass
class Form:
	action: str
	fields: dict[str, str] = field(default_factory=dict)


class Forms(HTMLParser):
	"""The forms of a page that are posted, with the values that they are shown with."""

	def __init__(self, page: str) -> None:
		super().__init__()
		self.found: list[Form] = []
		self._inside = False
		self._select = ""
		self.feed(page)

	def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
		given = {name: value or "" for name, value in attrs}
		if tag == "form":
			self._inside = given.get("method") == "post"
			self.found += [Form(given["action"])] if self._inside else []
		elif self._inside and tag in ("input", "textarea") and "name" in given:
			self.found[-1].fields[given["name"]] = given.get("value", "")
		elif self._inside and tag == "select":
			self._select = given["name"]
		elif (
			self._inside
			and tag == "option"
			and (self._select not in self.found[-1].fields or "selected" in given)
		):
			self.found[-1].fields[self._select] = given["value"]

	def handle_endtag(self, tag: str) -> None:
		if tag == "form":
			self._inside = False


@pytest.fixture
def filled(site: Site) -> Site:
	site.ledger.add_bank_account(ACCOUNT, BANK, "EUR")
	take(site.ledger, prepare(site.ledger, ACCOUNT, "a.csv", STATEMENT, ImportOptions()), clock=site.clock)
	site.ledger.add_category("Food")
	site.ledger.add_category("Coffee")
	return site


def submit(visitor: Visitor, path: str, number: int = 0, **typed: str) -> str:
	"""Post a form of a page with what a user typed; return the address that the site leads to."""
	page = visitor.get(path)
	assert page.status_code == HTTPStatus.OK, path
	form = [one for one in Forms(page.text).found if one.action != "/logout"][number]
	assert set(typed) <= set(form.fields), (path, form.fields)
	answer = visitor.post(form.action, data={**form.fields, **typed})
	assert answer.status_code == HTTPStatus.SEE_OTHER, (path, answer.text[:500])
	leads_to = answer.headers["Location"]
	assert visitor.get(leads_to).status_code == HTTPStatus.OK
	return leads_to


def test_each_form_does_what_its_button_says(filled: Site, visitor: Visitor) -> None:
	ledger = filled.ledger
	submit(visitor, "/bank", bank_name="Second bank")
	assert "Second bank" in ledger.banks()
	submit(visitor, "/bank/Second%20bank", name="Third / bank")
	assert "Third / bank" in ledger.banks()
	submit(visitor, f"/bank/{quote('Third / bank', safe='')}", number=1)
	assert ledger.banks() == [BANK]
	submit(visitor, "/new/bank-account", name="Savings", currency="eur", bank=BANK)
	assert ledger.bank_account("Savings").currency == "EUR"
	submit(visitor, "/bank-account/Savings", name="Saving book")
	submit(visitor, "/bank-account/Saving%20book", number=1)
	assert ledger.bank_account("Saving book").closed
	submit(visitor, "/bank-account/Saving%20book", number=1)
	assert not ledger.bank_account("Saving book").closed
	[row] = ledger.transactions()
	food, coffee = sorted(ledger.all_categories(), key=lambda one: one.category_name, reverse=True)
	submit(visitor, f"/bank-transaction/{row.name}", category=coffee.name)
	assert ledger.transactions()[0].category == "Coffee"
	submit(visitor, f"/bank-transaction-category/{quote(coffee.name, safe='')}", parent=food.name)
	assert ledger.category(coffee.name).parent == food.name


def test_what_is_called_new_has_a_page_like_any_other(filled: Site, visitor: Visitor) -> None:
	submit(visitor, "/bank", bank_name="new")
	assert submit(visitor, "/new/bank-account", name="new", currency="EUR", bank="new") == "/bank-account/new"
	assert submit(visitor, "/bank-account/new", name="Savings") == "/bank-account/Savings"
	given = {"provider_name": "new", "client_id": CLIENT_ID, "client_secret": "s3cret"}
	assert submit(visitor, "/new/sync-provider?type=Bridge", **given) == "/sync-provider/new"
	submit(visitor, "/sync-provider/new", client_id="other-id")
	assert filled.ledger.subscription("new")[1].texts["client_id"] == "other-id"


def test_the_forms_of_a_provider_keep_what_is_left_empty(filled: Site, visitor: Visitor) -> None:
	given = {"provider_name": "Second", "client_id": CLIENT_ID, "client_secret": "s3cret"}
	assert submit(visitor, "/new/sync-provider?type=Bridge", **given)
	submit(visitor, "/sync-provider/Second", client_id="other-id")
	subscription = filled.ledger.subscription("Second")[1]
	assert subscription.texts["client_id"] == "other-id"
	assert subscription.secret("client_secret").reveal() == "s3cret"
	submit(visitor, "/sync-provider/Second", number=1)
	assert [one["name"] for one in filled.ledger.providers()] == [PROVIDER]


def test_a_form_without_its_token_changes_nothing(filled: Site, visitor: Visitor) -> None:
	answer = visitor.post("/bank", data={"bank_name": "Second bank"})
	assert answer.status_code == HTTPStatus.FORBIDDEN
	assert filled.ledger.banks() == [BANK]


def posted_routes() -> Iterator[str]:
	yield from (rule.rule for rule in ROUTES.iter_rules() if "POST" in (rule.methods or ()))


def test_no_address_for_forms_is_without_a_form_that_is_walked_here() -> None:
	assert set(posted_routes()) == {
		*("/bank", "/bank/<path:name>", "/new/bank-account", "/bank-account/<path:name>"),
		*("/bank-transaction/<path:name>", "/bank-transaction-category/<path:name>"),
		*("/new/sync-provider", "/sync-provider/<path:name>"),
	}
