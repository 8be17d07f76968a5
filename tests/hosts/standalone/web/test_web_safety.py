"""Who gets in, what may write, and what no page ever shows."""

from __future__ import annotations

import json
import socket
from http import HTTPStatus
from urllib.parse import quote

import pytest

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.hosts.standalone.web import WebServer
from dokos_banksync.hosts.standalone.web.security import BODY_LIMIT
from dokos_banksync.sandbox.server import CLIENT_SECRET
from tests.hosts.standalone.web.conftest import BANK, PROVIDER, Visitor

PAGES = (
	*("/bank", f"/bank/{BANK}", "/bank-transaction", "/bank-transaction-category", "/sync-connection"),
	*("/sync-run", "/sync-provider", f"/sync-provider/{PROVIDER}", "/new/sync-provider"),
)


# -- the door ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", [*PAGES, "/api/progress", "/banksync/callback?context=x"])
def test_without_the_token_nothing_is_shown(outsider: Visitor, path: str) -> None:
	answer = outsider.get(path)
	assert answer.status_code == HTTPStatus.FORBIDDEN
	assert "banksync serve" in answer.text
	assert BANK not in answer.text


def test_a_wrong_token_opens_nothing(outsider: Visitor) -> None:
	assert outsider.get("/bank?token=guess").status_code == HTTPStatus.FORBIDDEN
	assert outsider.get("/bank?token=").status_code == HTTPStatus.FORBIDDEN
	assert not outsider.http.cookies


def test_the_token_leaves_the_address_and_the_cookie_is_out_of_reach_of_scripts(
	outsider: Visitor, server: WebServer
) -> None:
	token = server.app.tokens.issue()
	answer = outsider.get(f"/bank?token={token}&lang=fr")
	assert answer.status_code == HTTPStatus.SEE_OTHER
	assert answer.headers["Location"].endswith("/bank?lang=fr")
	cookie = answer.headers["Set-Cookie"]
	assert "HttpOnly" in cookie
	assert "SameSite=Lax" in cookie
	assert token not in cookie
	assert "Max-Age=43200" in cookie
	assert outsider.get("/bank").ok


def test_the_token_never_sends_a_user_to_another_site(outsider: Visitor, server: WebServer) -> None:
	answer = outsider.get(f"//elsewhere.example/?token={server.app.tokens.issue()}")
	assert answer.headers["Location"].startswith("/elsewhere.example") or answer.status_code == 404


@pytest.mark.parametrize(
	"host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80", "", "localhost.evil"]
)
def test_another_name_for_this_machine_is_turned_away(visitor: Visitor, host: str) -> None:
	answer = visitor.get("/bank", headers={"Host": host})
	assert answer.status_code in (HTTPStatus.MISDIRECTED_REQUEST, HTTPStatus.BAD_REQUEST)
	assert BANK not in answer.text


def test_others_are_not_served_unless_somebody_says_so(site: Site) -> None:
	with pytest.raises(ConfigurationError, match="this machine only"):
		WebServer(site, "0.0.0.0")
	with WebServer(site, "0.0.0.0", exposed=True) as open_server:
		assert open_server.url.startswith("http://0.0.0.0:")


def test_a_port_in_use_is_explained_in_a_sentence(site: Site) -> None:
	with socket.socket() as taken:
		taken.bind(("127.0.0.1", 0))
		taken.listen()
		with pytest.raises(ConfigurationError, match="used by another program"):
			WebServer(site, port=taken.getsockname()[1])


# -- writing -------------------------------------------------------------------------------------------
def test_a_call_wants_the_csrf_token_of_this_session(visitor: Visitor, other: Visitor, site: Site) -> None:
	for token in ("", "guess", other.csrf_token):
		answer = visitor.call("add_category", csrf_token=token, category_name="Forged")
		assert answer.status_code == HTTPStatus.FORBIDDEN
		assert "message" in answer.json()
	assert site.ledger.all_categories() == []
	visitor.message("add_category", category_name="Wanted")
	assert [one.category_name for one in site.ledger.all_categories()] == ["Wanted"]


def test_a_form_wants_it_too(visitor: Visitor, site: Site) -> None:
	form = {"bank_name": "Forged"}
	assert visitor.post("/bank", data=form).status_code == HTTPStatus.FORBIDDEN
	assert visitor.post("/bank", data={**form, "csrf_token": "guess"}).status_code == HTTPStatus.FORBIDDEN
	assert site.ledger.banks() == [BANK]


def test_a_page_from_elsewhere_cannot_write_even_with_the_token(visitor: Visitor, site: Site) -> None:
	headers = {"X-Frappe-CSRF-Token": visitor.csrf_token, "Origin": "https://evil.example"}
	path = "/api/method/dokos_banksync.api.categories.add_category"
	answer = visitor.post(path, json={"category_name": "Forged"}, headers=headers)
	assert answer.status_code == HTTPStatus.FORBIDDEN
	assert site.ledger.all_categories() == []


@pytest.mark.parametrize("origin", ["null", "", None])
def test_a_form_whose_origin_the_browser_hides_is_taken_by_its_token(
	visitor: Visitor, site: Site, origin: str | None
) -> None:
	"""Chromium and Firefox send `Origin: null` with a form of a page whose referrer policy is strict."""
	headers = {} if origin is None else {"Origin": origin}
	form = {"bank_name": "Crédit Test", "csrf_token": visitor.csrf_token}
	assert visitor.post("/bank", data=form, headers=headers).status_code == HTTPStatus.SEE_OTHER
	assert "Crédit Test" in site.ledger.banks()
	forged = {"bank_name": "Forged", "csrf_token": "guess"}
	assert visitor.post("/bank", data=forged, headers=headers).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("fetched", ["cross-site", "same-site"])
def test_what_the_browser_says_comes_from_elsewhere_cannot_write(
	visitor: Visitor, site: Site, fetched: str
) -> None:
	form = {"bank_name": "Forged", "csrf_token": visitor.csrf_token}
	headers = {"Origin": "null", "Sec-Fetch-Site": fetched}
	assert visitor.post("/bank", data=form, headers=headers).status_code == HTTPStatus.FORBIDDEN
	assert site.ledger.banks() == [BANK]


@pytest.mark.parametrize(
	"path",
	["/%09/evil.example/", "/%0a/evil.example", "/%0d%0a/evil.example", "//evil.example", "/%5Cevil.example"],
)
def test_a_change_of_language_stays_on_this_site(visitor: Visitor, path: str) -> None:
	"""Browsers drop tabs and line ends from an address: `/<tab>/x` is then `//x`, another site."""
	answer = visitor.get(f"{path}?lang=fr")
	assert answer.status_code == HTTPStatus.SEE_OTHER
	location = answer.headers["Location"]
	assert location.startswith("/")
	assert not location.startswith(("//", "/\\"))
	assert not set(location) & set("\t\r\n\\")


@pytest.mark.parametrize(
	"path", ["/%0a/", "/%09/", "/%00", f"/static/{'x' * 5000}", "/static/%00", "/static/"]
)
def test_an_odd_path_is_a_page_that_is_not_there(visitor: Visitor, path: str) -> None:
	assert visitor.get(path).status_code == HTTPStatus.NOT_FOUND


def test_nothing_is_written_by_get(visitor: Visitor, site: Site) -> None:
	answer = visitor.get("/api/method/dokos_banksync.api.categories.add_category?category_name=Forged")
	assert answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED
	assert site.ledger.all_categories() == []


def test_a_body_has_a_limit(visitor: Visitor) -> None:
	path, token = "/api/method/dokos_banksync.api.categories.add_category", visitor.csrf_token
	body = json.dumps({"category_name": "x" * BODY_LIMIT})
	headers = {"X-Frappe-CSRF-Token": token, "Content-Type": "application/json"}
	assert visitor.post(path, data=body, headers=headers).status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


@pytest.mark.parametrize("body", ["", "[]", "nonsense", '"text"', '{"bank": 1}', '{"bank": ["x"]}'])
def test_nonsense_is_answered_in_a_sentence(visitor: Visitor, body: str) -> None:
	headers = {"X-Frappe-CSRF-Token": visitor.csrf_token, "Content-Type": "application/json"}
	answer = visitor.post("/api/method/dokos_banksync.api.connections.bank_state", data=body, headers=headers)
	assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
	assert answer.json()["code"] == "BS-600"


# -- what is sent --------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", [*PAGES, "/static/desk.js", "/nowhere", "/api/progress", "/phrases/fr.js"])
def test_every_answer_has_the_headers(visitor: Visitor, path: str) -> None:
	headers = visitor.get(path).headers
	policy = headers["Content-Security-Policy"]
	directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
	assert directives == {
		"default-src": "'none'",
		"script-src": "'self'",
		"style-src": "'self'",
		"img-src": "'self' data: https:",
		"connect-src": "'self'",
		"form-action": "'self'",
		"base-uri": "'none'",
		"frame-ancestors": "'none'",
	}
	assert headers["X-Content-Type-Options"] == "nosniff"
	assert headers["Referrer-Policy"] == "same-origin"
	assert headers["Server"] == "banksync"


@pytest.mark.parametrize("path", PAGES)
def test_no_page_holds_a_secret_or_an_inline_script(visitor: Visitor, path: str) -> None:
	page = visitor.get(path)
	assert page.status_code == HTTPStatus.OK
	for secret in (CLIENT_SECRET, *visitor.http.cookies.values()):
		assert secret not in page.text
	assert " onclick" not in page.text
	assert "style=" not in page.text
	assert page.headers["Cache-Control"] == "no-store"


def test_what_users_named_is_shown_as_text(visitor: Visitor, site: Site) -> None:
	name = "<script>alert(1)</script>&\"'"
	site.ledger.add_bank(name)
	site.ledger.add_category(name)
	for path in ("/bank", "/bank-transaction-category", "/bank-transaction"):
		assert "<script>alert" not in visitor.get(path).text
	page = visitor.get(f"/bank/{quote(name, safe='')}").text
	assert "<script>alert" not in page
	assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
	"path", ["/static/../app.py", "/static/%2e%2e/site.py", "/phrases/../x.js", "/phrases/de.js"]
)
def test_only_what_is_public_is_served_to_all(outsider: Visitor, path: str) -> None:
	assert outsider.get(path).status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN)


@pytest.mark.parametrize(
	("path", "kind"), [("/static/desk.css", "text/css"), ("/static/icon.svg", "image/svg+xml")]
)
def test_a_browser_asks_for_a_file_once(outsider: Visitor, path: str, kind: str) -> None:
	first = outsider.get(path)
	assert first.headers["Content-Type"].startswith(kind)
	again = outsider.http.get(first.url, headers={"If-None-Match": first.headers["ETag"]}, timeout=60)
	assert (again.status_code, again.content) == (HTTPStatus.NOT_MODIFIED, b"")
	assert outsider.get("/static/%00").status_code == HTTPStatus.NOT_FOUND


# -- failures ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
	"path", ["/bank/Nobody", "/sync-connection/Nobody", "/sync-run/Nobody", "/sync-provider/Nobody"]
)
def test_what_nobody_knows_is_a_page_with_a_code(visitor: Visitor, path: str) -> None:
	answer = visitor.get(path)
	assert answer.status_code == HTTPStatus.NOT_FOUND
	assert "Nobody" in answer.text
	assert "BS-601" in answer.text


def test_a_defect_shows_a_reference_and_nothing_of_its_insides(
	visitor: Visitor, site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
	def broken() -> list[str]:
		raise RuntimeError("insides")

	monkeypatch.setattr(site.ledger, "banks", broken)
	answer = visitor.get("/bank")
	assert answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
	assert "insides" not in answer.text
	assert "Traceback" not in answer.text
	assert "insides" in caplog.text
	reference = caplog.records[-1].getMessage().rpartition(" ")[2]
	assert reference in answer.text
