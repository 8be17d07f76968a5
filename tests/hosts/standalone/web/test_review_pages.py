"""The pages and calls about identity, proof and repair: who gets in, what may write, what is bounded."""

from __future__ import annotations

import base64
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import quote

import pytest

from dokos_banksync.actions.file_import import ImportOptions, prepare, take
from dokos_banksync.actions.file_upload import LARGEST
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.hosts.standalone.web.security import BODY_LIMIT, FILE_LIMIT
from tests.calls import REVIEWING, dotted
from tests.hosts.standalone.web.conftest import BANK, Visitor

HOSTILE = "<img src=x onerror=alert(1)>"
TABLE = f"Date;Libellé;Montant\n13/10/2026;CB CAFE;-3,20\n14/10/2026;{HOSTILE};-5,00\n15/10/2026;X;abc\n"
API = "/api/method/"


@pytest.fixture
def run(site: Site) -> str:
	"""Of a file with two rows that can be read and one that cannot."""
	site.ledger.add_bank_account("Current / <b>", BANK, "EUR")
	filing = prepare(site.ledger, "Current / <b>", "a.csv", TABLE.encode(), ImportOptions())
	return take(site.ledger, filing, clock=site.clock).name


@pytest.fixture
def ask(visitor: Visitor) -> Callable[..., object]:
	def message(method: str, **arguments: object) -> object:
		answer = review(visitor, method, **arguments)
		assert answer.ok, answer.text
		return answer.json()["message"]

	return message


def review(visitor: Visitor, method: str, token: str | None = None, **arguments: object):
	headers = {"X-Frappe-CSRF-Token": visitor.csrf_token if token is None else token}
	return visitor.post(API + dotted(method), json=arguments, headers=headers)


def names(site: Site) -> list[str]:
	return [row.name for row in site.ledger.transactions(limit=-1)]


# -- pages -------------------------------------------------------------------------------------------------
def test_pages_show_what_banks_wrote_as_text(visitor: Visitor, site: Site, run: str) -> None:
	account = quote("Current / <b>", safe="")
	rows = site.ledger.transactions(limit=-1)
	lines = site.ledger.lines("Current / <b>")
	paths = ["/bank-account", f"/bank-account/{account}", f"/sync-run/{run}", "/sync-certificate"]
	paths += [f"/bank-transaction/{row.name}" for row in rows] + [f"/sync-line/{line.name}" for line in lines]
	for path in paths:
		page = visitor.get(path)
		assert page.status_code == HTTPStatus.OK, path
		assert "<img src=x" not in page.text
		assert "<b>Current / <b>" not in page.text
		assert " onclick" not in page.text
		assert "style=" not in page.text


@pytest.mark.parametrize("kind", ["bank-account", "bank-transaction", "sync-line", "sync-certificate"])
def test_what_nobody_knows_is_a_page_with_a_code(visitor: Visitor, outsider: Visitor, kind: str) -> None:
	answer = visitor.get(f"/{kind}/Nobody")
	assert answer.status_code == HTTPStatus.NOT_FOUND
	assert "Nobody" in answer.text
	assert "BS-601" in answer.text
	assert outsider.get(f"/{kind}/Nobody").status_code == HTTPStatus.FORBIDDEN


def test_a_certificate_is_a_page_to_be_printed(
	visitor: Visitor, site: Site, run: str, ask: Callable[..., dict[str, str]]
) -> None:
	made = ask("make_certificate", bank_account="Current / <b>", month="2026-10")
	page = visitor.get(f"/sync-certificate/{made['name']}").text
	assert "Not complete" in page
	assert "€8.20" in page
	assert "the opening balance is not known" in page
	assert "Signature" in page
	assert "<b>Current / <b>" not in page
	assert made["name"] in visitor.get("/sync-certificate").text
	french = visitor.get(f"/sync-certificate/{made['name']}?lang=fr")
	page = visitor.get(french.headers["Location"]).text
	assert "le solde d’ouverture n’est pas connu" in page


def test_a_run_of_a_file_has_the_scripts_that_undo_it(visitor: Visitor, run: str) -> None:
	page = visitor.get(f"/sync-run/{run}").text
	assert "sync_run/form.js" in page
	assert '"trigger": "file"' in page


# -- calls ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", sorted(REVIEWING))
def test_each_call_wants_a_session_and_its_token(
	visitor: Visitor, other: Visitor, outsider: Visitor, site: Site, run: str, method: str
) -> None:
	before = names(site)
	given = {"run": run, "name": before[0], "bank_account": "Current / <b>", "month": "2026-10"}
	assert review(outsider, method, "guess", **given).status_code == HTTPStatus.FORBIDDEN
	for token in ("", "guess", other.csrf_token):
		assert review(visitor, method, token, **given).status_code == HTTPStatus.FORBIDDEN
	address = visitor.get(f"{API}{dotted(method)}?run={run}")
	assert address.status_code == HTTPStatus.METHOD_NOT_ALLOWED
	assert names(site) == before
	assert site.ledger.certificates() == []


@pytest.mark.parametrize("method", sorted(REVIEWING))
@pytest.mark.parametrize("body", ["", "[]", "nonsense", '{"name": 1}', '{"bank_account": ["x"]}'])
def test_nonsense_is_answered_in_a_sentence(visitor: Visitor, method: str, body: str) -> None:
	headers = {"X-Frappe-CSRF-Token": visitor.csrf_token, "Content-Type": "application/json"}
	answer = visitor.post(API + dotted(method), data=body, headers=headers)
	assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
	assert answer.json()["code"] == "BS-600"


def test_a_call_that_nobody_offers(visitor: Visitor) -> None:
	for method in ("", "telling", "METHODS", "undo_run/x", "../api.bank_state"):
		assert review(visitor, method).status_code == HTTPStatus.NOT_FOUND


def test_an_undo_and_its_undo(site: Site, run: str, ask: Callable[..., dict[str, str]]) -> None:
	before = names(site)
	undone = ask("undo_run", run=run)
	assert names(site) == []
	ask("undo_run", run=undone["run"])
	assert names(site) == before


def test_an_error_is_a_sentence_with_a_code(visitor: Visitor, site: Site, run: str) -> None:
	one, other = names(site)
	answer = review(visitor, "merge_transactions", keep=one, other=other)
	assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
	assert "not one" in answer.json()["message"]
	assert names(site) == [one, other]


# -- files ----------------------------------------------------------------------------------------------------
def test_a_file_may_be_larger_than_other_calls_and_has_a_limit_too(
	visitor: Visitor, site: Site, run: str
) -> None:
	rows = "".join(f"13/10/2026;ROW {n:06};-1,00\n" for n in range(20_000))
	content = base64.b64encode(f"Date;Libellé;Montant\n{rows}".encode()).decode()
	assert BODY_LIMIT < len(content) < FILE_LIMIT
	given = {"bank_account": "Current / <b>", "file_name": "b.csv"}
	message = review(visitor, "preview_file", **given, content=content).json()["message"]
	assert (message["plan"]["count"], len(message["plan"]["rows"])) == (20_000, 2_000)
	large = base64.b64encode(b"x" * (LARGEST + 3)).decode()
	refused = review(visitor, "preview_file", **given, content=large)
	assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
	assert "5 MB" in refused.json()["message"]
	answer = review(visitor, "preview_file", **given, content="x" * FILE_LIMIT)
	assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
	answer = review(visitor, "undo_run", run="x" * BODY_LIMIT)
	assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
	assert len(names(site)) == 2
