from __future__ import annotations

import logging
import socket
import traceback
from collections.abc import Iterator
from decimal import Decimal

import pytest

from dokos_banksync.core.errors import ConfigurationError, ProviderBug, RateLimited, SyncError, TemporaryError
from dokos_banksync.core.provider import HttpCall, Secret
from dokos_banksync.providers.http import Bounds, Http
from tests.providers.fake_server import Reply, Script, Time, serving

PATH = "/v3/things"


@pytest.fixture
def script() -> Iterator[Script]:
	with serving(Script()) as script:
		yield script


@pytest.fixture
def calls() -> list[HttpCall]:
	return []


@pytest.fixture
def http(script: Script, time: Time, calls: list[HttpCall]) -> Iterator[Http]:
	http = Http(
		script.url,
		time.now,
		time.sleep,
		headers={"Client-Secret": Secret("hush-hush")},
		bounds=Bounds(connect=2, read=0.3, total=60, size=10_000),
		jitter=lambda: 1.0,
		monotonic=time.monotonic,
		observe=calls.append,
	)
	yield http
	http.close()


def test_money_is_decimal_and_the_connection_is_kept(http: Http, script: Script) -> None:
	script.routes = {f"GET {PATH}": Reply(200, b'{"amount": -120.50, "big": 33000900000101}')}
	for _ in range(3):
		answer = http.request("GET", PATH, query={"a": 1})
	assert str(answer.data["amount"]) == "-120.50"
	assert answer.data == {"amount": Decimal("-120.5"), "big": 33000900000101}
	assert script.connections == 1
	assert script.requests[0].query == {"a": "1"}
	assert script.requests[0].headers["client-secret"] == "hush-hush"


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_error_passes(
	http: Http, script: Script, time: Time, calls: list[HttpCall], status: int
) -> None:
	script.routes = {f"GET {PATH}": [Reply(status), Reply(status), Reply(200, {"ok": True})]}
	assert http.request("GET", PATH).data == {"ok": True}
	assert time.slept == [0.5, 1.0]
	assert [call.status for call in calls] == [status, status, 200]


def test_a_server_error_stays(http: Http, script: Script, time: Time) -> None:
	script.routes = {f"GET {PATH}": Reply(503, b"<html>down</html>")}
	with pytest.raises(TemporaryError, match="HTTP 503"):
		http.request("GET", PATH)
	assert len(script.requests) == 4
	assert time.slept == [0.5, 1.0, 2.0]


def test_what_creates_goes_once(http: Http, script: Script) -> None:
	script.routes = {f"POST {PATH}": [Reply(500), Reply(201, {"id": 1})]}
	with pytest.raises(TemporaryError):
		http.request("POST", PATH, body={}, repeatable=False)
	assert len(script.requests) == 1
	assert http.request("POST", PATH, body={}, repeatable=False).status == 201


def test_truncated_json_is_asked_for_again(http: Http, script: Script) -> None:
	script.routes = {
		f"GET {PATH}": [Reply(200, b'{"resources": [{"id": 1}, {"i'), Reply(200, {"resources": []})]
	}
	assert http.request("GET", PATH).data == {"resources": []}
	script.routes = {f"GET {PATH}": Reply(200, b'{"resources": [')}
	with pytest.raises(TemporaryError, match="stops short"):
		http.request("GET", PATH)


def test_a_body_cut_by_the_network_is_asked_for_again(http: Http, script: Script) -> None:
	cut = Reply(200, b'{"resources": []', announced=900)
	script.routes = {f"GET {PATH}": [cut, Reply(200, {"resources": []})]}
	assert http.request("GET", PATH).data == {"resources": []}


@pytest.mark.parametrize("body", [b"<html><body>Hello</body></html>", b"\xff\xfe\x00"])
def test_a_page_instead_of_data(http: Http, script: Script, body: bytes) -> None:
	script.routes = {f"GET {PATH}": Reply(200, body)}
	with pytest.raises(ProviderBug, match="check the base URL"):
		http.request("GET", PATH)
	assert len(script.requests) == 4


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refusal_that_is_a_page_is_not_the_apis(http: Http, script: Script, status: int) -> None:
	script.routes = {f"GET {PATH}": Reply(status, b" <html>none</html>")}
	with pytest.raises(ConfigurationError, match=f"a page instead of data .HTTP {status}."):
		http.request("GET", PATH)
	assert len(script.requests) == 1


def test_a_refusal_without_data_is_the_apis(http: Http, script: Script) -> None:
	for body in (b"", b"Not Found"):
		script.routes = {f"GET {PATH}": Reply(404, body)}
		answer = http.request("GET", PATH)
		assert (answer.status, answer.data) == (404, None)


def test_no_content(http: Http, script: Script) -> None:
	script.routes = {f"DELETE {PATH}": Reply(204)}
	assert http.request("DELETE", PATH).data is None


def test_a_short_wait_is_waited(http: Http, script: Script, time: Time) -> None:
	limited = [
		Reply(429, {}, {"Retry-After": "7"}),
		Reply(429, {}, {"Retry-After": "Wed, 28 Oct 2026 12:00:20 GMT"}),
		Reply(200, {}),
	]
	script.routes = {f"POST {PATH}": limited}
	assert http.request("POST", PATH, body={}, repeatable=False).status == 200
	assert time.slept == [7.0, 13.0]


@pytest.mark.parametrize(
	("headers", "seconds"), [({"Retry-After": "300"}, 300), ({}, 60), ({"Retry-After": "soon"}, 60)]
)
def test_a_long_wait_is_reported(
	http: Http, script: Script, time: Time, headers: dict[str, str], seconds: int
) -> None:
	script.routes = {f"GET {PATH}": Reply(429, {}, headers)}
	with pytest.raises(RateLimited) as caught:
		http.request("GET", PATH)
	assert (caught.value.until - time.now()).total_seconds() == seconds
	assert time.slept == []


def test_all_tries_have_a_bound_together(http: Http, script: Script, time: Time) -> None:
	script.routes = {f"GET {PATH}": Reply(503, {}, {"Retry-After": "28"})}
	with pytest.raises(TemporaryError):
		http.request("GET", PATH)
	assert time.slept == [28.0, 28.0]


def test_a_redirect_is_not_followed(http: Http, script: Script) -> None:
	script.routes = {f"GET {PATH}": Reply(301, {}, {"Location": "https://elsewhere.example"})}
	with pytest.raises(ConfigurationError, match="HTTP 301"):
		http.request("GET", PATH)
	assert len(script.requests) == 1


def test_too_much_data(http: Http, script: Script) -> None:
	script.routes = {f"GET {PATH}": Reply(200, {"text": "x" * 20_000})}
	with pytest.raises(ProviderBug, match="more data"):
		http.request("GET", PATH)


def test_another_host_is_not_called(http: Http, script: Script) -> None:
	with pytest.raises(ProviderBug):
		http.request("GET", "https://elsewhere.example/v3/things")
	assert script.requests == []


def test_nobody_answers(time: Time) -> None:
	with socket.socket() as closed:
		closed.bind(("127.0.0.1", 0))
		http = Http(f"http://127.0.0.1:{closed.getsockname()[1]}", time.now, time.sleep, jitter=lambda: 0.0)
		with pytest.raises(TemporaryError, match="cannot be reached"):
			http.request("GET", PATH)
	assert time.slept == [0.25, 0.5, 1.0]
	http.close()


def test_an_answer_that_does_not_come(time: Time) -> None:
	with socket.socket() as silent:
		silent.bind(("127.0.0.1", 0))
		silent.listen()
		url = f"http://127.0.0.1:{silent.getsockname()[1]}"
		http = Http(url, time.now, time.sleep, bounds=Bounds(read=0.05))
		with pytest.raises(TemporaryError, match="in time"):
			http.request("GET", PATH)
	assert len(time.slept) == 3
	http.close()


def test_every_try_is_counted_first(http: Http, script: Script) -> None:
	script.routes = {f"GET {PATH}": [Reply(500), Reply(200)]}
	counted: list[int] = []
	http.request("GET", PATH, before=lambda: counted.append(len(script.requests)))
	assert counted == [0, 1]


def test_a_secret_leaves_no_trace(
	http: Http, script: Script, caplog: pytest.LogCaptureFixture, calls: list[HttpCall]
) -> None:
	caplog.set_level(logging.DEBUG, logger="dokos_banksync")
	script.routes = {f"GET {PATH}": Reply(500, {"message": "no"})}
	# Made apart from the call: a traceback quotes all lines of the call's statement.
	headers = {"Authorization": Secret("Bearer bear")}
	try:
		http.request("GET", PATH, query={"token": "in-the-query"}, headers=headers)
	except SyncError as error:
		shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
	said = shown + caplog.text + repr(calls) + repr(vars(http))
	assert "HTTP 500" in shown
	assert f"GET {PATH} 500" in caplog.text
	assert not [secret for secret in ("hush-hush", "Bearer bear") if secret in said]
	assert "in-the-query" not in caplog.text + repr(calls)


def test_a_failed_connection_leaves_no_trace(time: Time) -> None:
	http = Http("http://127.0.0.1:1", time.now, time.sleep, headers={"Client-Secret": Secret("hush-hush")})
	try:
		http.request("GET", PATH)
	except SyncError as error:
		shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
	assert "cannot be reached" in shown
	assert "hush-hush" not in shown
	http.close()


def test_a_netrc_file_and_proxies_are_not_asked_on_this_machine(
	http: Http, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
	monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
	monkeypatch.setenv("NO_PROXY", "")
	script.routes = {f"GET {PATH}": Reply(200)}
	assert http.request("GET", PATH).status == 200


def test_secrets_in_a_body_are_put_on_as_it_leaves(http: Http, script: Script) -> None:
	script.routes = {f"POST {PATH}": Reply(200, {})}
	body = {"access_token": Secret("tok-1"), "count": 5, "name": "é"}
	http.request("POST", PATH, body=body)
	(sent,) = script.requests
	assert sent.body == {"access_token": "tok-1", "count": 5, "name": "é"}
	assert "tok-1" not in repr(body)
