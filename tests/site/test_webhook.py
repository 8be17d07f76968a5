"""Providers call a real site over HTTP, as guests."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from dokos_banksync.sandbox.clock import Clock
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.world import World
from tests.site.bench import Site
from tests.site.journeys import Connected, connect, until, work

PATH = "/api/method/dokos_banksync.api.webhook.receive"
KEY = "whsec-tests"


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
	with SandboxServer(World(6, Clock.real(), years=0.3)) as running:
		yield running


@pytest.fixture(scope="module")
def held(site: Site, server: SandboxServer) -> Connected:
	return connect(site, server)


@pytest.fixture
def made(held: Connected) -> Connected:
	"""The connection, without a job, and no call counted yet. A worker of the bench may take the jobs first."""
	if not held.site.answers():
		pytest.skip(f"NO WEB SERVER at {held.site.url}: no webhook was tested on {held.site.name}")
	held.run(
		"""
	doc = frappe.get_doc("Sync Provider", provider)
	doc.update({"webhook_secret": key, "enabled": 1})
	doc.save()
	frappe.db.set_value("Sync Connection", connection, {"status": "Active", "automatic": 1, "next_run_at": None})
	frappe.db.delete("Sync Run", {"connection": connection})
	from dokos_banksync.hosts.frappe.progress import cache
	cache().delete_keys("banksync_webhook")
	from frappe.utils.background_jobs import get_job
	for job in (get_job(f"banksync-{connection}"), get_job(f"banksync-look-{connection}")):
		job and job.delete()
	""",
		key=KEY,
	)
	return held


def post(made: Connected, call: dict[str, Any], provider: str | None = None) -> tuple[int, str]:
	"""Status and word of the answer."""
	client = made.site.guest()
	answer = client.session.post(
		client.base + PATH,
		params={"provider": made.provider if provider is None else provider},
		timeout=60,
		**call,
	)
	return answer.status_code, answer.json().get("message", "")


def signed(
	made: Connected, kind: str = "item.refreshed", key: str = KEY, age: float = 0, **more: object
) -> dict[str, Any]:
	content = {"item_id": int(made.remote_id), "user_uuid": made.fields("remote_user"), **more}
	body = json.dumps(
		{"content": content, "timestamp": int((time.time() - age) * 1000), "type": kind}
	).encode()
	mac = hmac.new(key.encode(), body, hashlib.sha256).hexdigest().upper()
	return {"data": body, "headers": {"BridgeApi-Signature": f"v1={mac}", "Content-Type": "application/json"}}


def jobs(made: Connected) -> list[str]:
	"""What was put on the queue for the connection."""
	return made.run("""
	from frappe.utils.background_jobs import get_job
	answer = [name for name in ("banksync", "banksync-look") if get_job(f"{name}-{connection}")]
	""")


def import_rows(made: Connected) -> None:
	"""Have the jobs done, by whatever worker."""
	work(made.site)
	until(
		lambda: (
			not made.run(
				"from dokos_banksync.hosts.frappe import scheduler; answer = scheduler.progress_of(connection) is not None"
			)
		)
	)


def test_a_call_has_the_connection_fetched_as_the_site_itself(made):
	assert post(made, signed(made, balance=-1)) == (200, "accepted")
	assert jobs(made) == ["banksync"]
	import_rows(made)
	[run] = made.runs()
	assert (run["status"], run["trigger"], run["owner"]) == ("Success", "webhook", "Administrator")
	assert made.held() == made.truth()


@pytest.mark.parametrize(
	("change", "result"),
	[
		({"key": "other"}, (401, "not accepted")),
		({"age": 5 * 86400}, (200, "old")),
		({"kind": "TEST_EVENT"}, (200, "test")),
		({"kind": "payment.created"}, (200, "unknown event")),
		({"item_id": 1, "user_uuid": "nobody"}, (200, "unknown connection")),
	],
)
def test_calls_that_lead_nowhere(made, change, result):
	assert post(made, signed(made, **change)) == result
	assert jobs(made) == []


def test_a_repeated_call_is_accepted_once(made):
	call = signed(made)
	assert [post(made, call) for _ in range(2)] == [(200, "accepted"), (200, "repeated")]


def test_a_burst_is_one_run_and_one_later(made):
	for number in range(5):
		assert post(made, signed(made, "item.account.updated", account_id=number)) == (200, "accepted")
	import_rows(made)
	assert [run["trigger"] for run in made.runs()] == ["webhook"]
	at = made.run("""
	at = frappe.db.get_value("Sync Connection", connection, "next_run_at")
	answer = (at - frappe.utils.now_datetime()).total_seconds()
	""")
	assert 0 < at <= 300


def test_two_secrets_while_one_replaces_the_other(made):
	made.run(
		"""
	doc = frappe.get_doc("Sync Provider", provider)
	doc.webhook_secret = "new\\n" + key
	doc.save()
	""",
		key=KEY,
	)
	assert post(made, signed(made, key="new")) == (200, "accepted")
	assert post(made, signed(made, account_id=1)) == (200, "accepted")


def test_a_manual_connection_is_looked_at_only(made):
	made.set(automatic=0)
	made.simulate("set_status", item_id=int(made.remote_id), status=402)
	assert post(made, signed(made)) == (200, "accepted")
	work(made.site)
	until(lambda: made.fields("status") != "Active")
	assert (made.fields("status"), made.runs()) == ("Action Required", [])
	made.simulate("set_status", item_id=int(made.remote_id), status=0)


@pytest.mark.parametrize("provider", ["", "nobody", "../../etc", "x" * 300, "'; DROP TABLE tabUser; --"])
def test_an_unknown_provider(made, provider):
	assert post(made, signed(made), provider) == (401, "not accepted")


def test_a_disabled_provider_is_unknown(made):
	made.run('frappe.db.set_value("Sync Provider", provider, "enabled", 0)')
	assert post(made, signed(made)) == (401, "not accepted")


def test_a_huge_body_is_refused(made):
	body = b'{"content": "' + b" " * 300_000 + b'"}'
	assert post(made, {"data": body, "headers": {"Content-Type": "application/json"}}) == (413, "too large")


def test_too_many_calls_from_one_address(made):
	"""The count of this minute and of the next is set as if the calls had come."""
	made.run("""
	from datetime import timedelta
	from dokos_banksync.core.clock import utc_now
	from dokos_banksync.core.connection import webhooks
	from dokos_banksync.hosts.frappe.progress import cache
	for minutes in (0, 1):
		moment = utc_now() + timedelta(minutes=minutes)
		place = cache().make_key(f"banksync_webhook_calls|127.0.0.1|{moment:%H%M}")
		cache().set(place, webhooks.CALLS_A_MINUTE, ex=120)
	""")
	assert post(made, signed(made)) == (429, "too many calls")
	assert post(made, signed(made), "nobody") == (429, "too many calls")
	for number in range(3):
		call = signed(made)
		call["headers"]["X-Forwarded-For"] = f"192.0.2.{number}"
		assert post(made, call) == (429, "too many calls")


_ADDRESSES = """
from dokos_banksync.hosts.frappe.webhooks import address_of
answer = [address_of({"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": header}) for peer, header in calls]
"""


def test_no_caller_chooses_the_address_that_is_counted(site):
	"""A proxy of the site writes its own word last; a caller who reaches the site itself is believed nothing."""
	calls = {
		("127.0.0.1", "192.0.2.9"): "192.0.2.9",
		("127.0.0.1", "10.9.8.7, 192.0.2.9"): "192.0.2.9",
		("172.18.0.5", "evil, 192.0.2.9"): "192.0.2.9",
		("8.8.8.8", "192.0.2.9"): "8.8.8.8",
		("127.0.0.1", ""): "127.0.0.1",
		("", "192.0.2.9"): "192.0.2.9",
	}
	assert site.run(_ADDRESSES, calls=list(calls)) == list(calls.values())


def test_only_post(made):
	client = made.site.guest()
	answer = client.get(PATH, provider=made.provider)
	assert answer.status_code in (403, 405)
	assert jobs(made) == []


def test_a_form_that_says_it_is_json_or_nothing_is_no_defect_of_the_site(made):
	errors = made.data("answer = frappe.db.count('Error Log')")
	for body in (b"", b"[]", b'{"cmd": "frappe.ping", "provider": "x"}', b"\xff\xfe"):
		assert post(made, {"data": body, "headers": {"Content-Type": "text/plain"}}) == (401, "not accepted")
	client = made.site.guest()
	for body in (b"[1]", b"{", b"7"):
		headers = {"Content-Type": "application/json"}
		answer = requests.post(
			client.base + PATH,
			params={"provider": made.provider},
			data=body,
			timeout=60,
			headers={**headers, "Host": made.site.name, "Accept": "application/json"},
		)
		assert answer.status_code != 200
	assert jobs(made) == []
	assert made.data("answer = frappe.db.count('Error Log')") <= errors + 3


def test_no_answer_and_no_log_contains_a_secret(made):
	errors = made.data("answer = frappe.db.count('Error Log')")
	client = made.site.guest()
	texts = []
	for call in (signed(made), signed(made, key="other"), {"data": b"x"}):
		texts.append(
			client.session.post(
				client.base + PATH, params={"provider": made.provider}, timeout=60, **call
			).text
		)
	assert KEY not in "".join(texts)
	assert made.data("answer = frappe.db.count('Error Log')") == errors
	logged = made.run('answer = str(frappe.get_all("Error Log", fields=["error", "method"], limit=50))')
	assert KEY not in logged
