"""Large calls as jobs of the queue: the same result as at once, progress, cancelling, rights, and workers that are lost."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect

from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.server import SandboxServer
from tests.calls import dotted
from tests.site.bench import Client
from tests.site.conftest import SECONDS, window
from tests.site.journeys import horse_of, kill, own_queue, until, work, worker
from tests.site.test_api import NO, REFUSED, Held, held, server
from tests.site.walks import ROLES

__all__ = ["held", "server"]

STATUS, CANCEL = "dokos_banksync.api.jobs.job_status", "dokos_banksync.api.jobs.cancel_job"
_NEW_ACCOUNT = """
from dokos_banksync.hosts.frappe.ledger import FrappeLedger
answer = FrappeLedger().add_bank_account(name, bank, "EUR").name
if company:
	frappe.db.set_value("Bank Account", answer, "company", company)
"""
_STATE = """
fields = ["name", "date", "description", "docstatus", "modified"]
answer = [
	frappe.get_all("Bank Transaction", {"bank_account": account}, fields, order_by="name", limit_page_length=0),
	frappe.get_all("Sync Line", {"bank_account": account}, ["name", "bank_transaction", "reason"], order_by="name", limit_page_length=0),
	frappe.db.count("Deleted Document", {"deleted_doctype": "Bank Transaction"}),
]
"""
_CANCEL_AT = """
from dokos_banksync.actions.review_jobs import ReviewJobs
from dokos_banksync.hosts.frappe import review_jobs
from dokos_banksync.hosts.storage import undo
undo._Rows.parts.__defaults__ = (7,)
seen = []
original = ReviewJobs._reporter
def reporter(self, name, job):
	report = original(self, name, job)
	def step(stage, done, total):
		seen.append([stage, done, total])
		if stage == at and done:
			self.cancel(name, job.user)
		report(stage, done, total)
	return step
ReviewJobs._reporter = reporter
review_jobs.perform(job)
answer = [seen, frappe.db.count("Bank Transaction", {"bank_account": account})]
"""


@pytest.fixture
def account(held: Held) -> str:
	"""A new Bank Account, so that a test that failed midway can be repeated."""
	return held.made.run(_NEW_ACCOUNT, name=f"Jobs {uuid4().hex[:8]}", company=held.company)


def file_for(account: str) -> dict[str, str]:
	"""60 rows, as a request sends them. The account's name is in each label: a file belongs to one account."""
	rows = "\n".join(
		f"{1 + n % 28:02d}/0{1 + n // 28 % 9}/2026;CARD {n} {account};-{n},{n % 90 + 10}"
		for n in range(1, 61)
	)
	content = b64encode(f"Date;Label;Amount\n{rows}\n".encode()).decode()
	return {"bank_account": account, "file_name": "a.csv", "content": content}


@pytest.fixture
def anne(held: Held) -> Iterator[Client]:
	"""Somebody who may do all that the tests do; the queue is empty at first."""
	with own_queue(held.site):
		yield held.user("accountant")


def message_of(answer: Any) -> Any:
	assert answer.ok, answer.text[-2000:]
	return answer.json()["message"]


def begin(client: Client, method: str, **given: object) -> str:
	"""The name of a job that is asked for, however little there is to do."""
	return message_of(client.call(dotted(method), **given, background="1"))["job"]


def status(client: Client, job: str) -> dict[str, Any]:
	return message_of(client.call(STATUS, job=job))


def result(held: Held, client: Client, job: str) -> Any:
	work(held.site)
	found = status(client, job)
	assert found["state"] == "done", found
	return found["result"]


def imported(held: Held, client: Client, account: str) -> str:
	"""The run of a file that was imported at once."""
	given = file_for(account)
	shown = message_of(client.call(dotted("preview_file"), **given))
	return message_of(client.call(dotted("import_file"), **given, key=shown["plan"]["key"]))["run"]


def undone(client: Client, run: str) -> None:
	message_of(client.call(dotted("undo_run"), run=run))


def state(held: Held, account: str) -> Any:
	return held.made.data(_STATE, account=account)


# -- the same as at once -------------------------------------------------------------------------------------
def test_a_small_call_is_answered_at_once(held: Held, anne: Client, account: str) -> None:
	answer = message_of(anne.call(dotted("preview_file"), **file_for(account)))
	assert "job" not in answer
	assert answer["plan"]["count"] == 60


def test_a_large_file_becomes_a_job_unasked(held: Held, anne: Client, account: str) -> None:
	rows = "\n".join(f"01/02/2026;{'A LONG LABEL ' * 4}{n};-{n},10" for n in range(1, 4_001))
	content = b64encode(f"Date;Label;Amount\n{rows}\n".encode()).decode()
	answer = message_of(
		anne.call(dotted("preview_file"), bank_account=account, file_name="b.csv", content=content)
	)
	assert set(answer) == {"job", "message"}
	assert result(held, anne, answer["job"])["plan"]["count"] == 4_000


def test_a_preview_in_a_job_is_the_preview_at_once(held: Held, anne: Client, account: str) -> None:
	given = file_for(account)
	at_once = message_of(anne.call(dotted("preview_file"), **given))
	assert result(held, anne, begin(anne, "preview_file", **given)) == at_once


def test_import_undo_and_redo_in_jobs(held: Held, anne: Client, account: str) -> None:
	given = file_for(account)
	key = result(held, anne, begin(anne, "preview_file", **given))["plan"]["key"]
	made = result(held, anne, begin(anne, "import_file", **given, key=key))
	assert "60" in made["message"]
	first, lines, _ = state(held, account)
	assert (len(first), len(lines)) == (60, 60)
	preview = message_of(anne.call(dotted("preview_undo"), run=made["run"]))
	assert result(held, anne, begin(anne, "preview_undo", run=made["run"])) == preview
	taken_back = result(held, anne, begin(anne, "undo_run", run=made["run"]))
	assert (taken_back["kept"], state(held, account)[:2]) == ([], [[], []])
	redone = result(held, anne, begin(anne, "undo_run", run=taken_back["run"]))
	names = [row["name"] for row in state(held, account)[0]]
	assert names == [row["name"] for row in first]
	undone(anne, redone["run"])


def test_what_asks_the_bank_in_a_job_is_the_same_as_at_once(held: Held, anne: Client) -> None:
	held.made.sync()
	code = "answer = frappe.db.get_value('Sync Remote Account', {'parent': connection, 'bank_account': ['!=', '']}, 'bank_account')"
	fed, manager = held.made.data(code), held.user("manager")
	asked: list[tuple[Client, str, dict[str, object]]] = [
		(manager, "preview_connection", {"connection": held.made.name}),
		(anne, "find_missing", {"bank_account": fed}),
		(anne, "find_duplicates", {"bank_account": fed}),
	]
	for user, method, given in asked:
		at_once = message_of(user.call(dotted(method), **given))
		assert result(held, user, begin(user, method, **given)) == at_once, method


def test_an_account_that_was_never_fetched_is_previewed_in_a_job(held: Held, anne: Client) -> None:
	held.made.data("frappe.db.set_value('Sync Remote Account', {'parent': connection}, 'cursor', '')")
	answer = message_of(held.user("manager").call(dotted("preview_connection"), connection=held.made.name))
	assert result(held, held.user("manager"), answer["job"])["rows"] is not None


def test_an_error_in_a_job_is_reported_with_its_code(held: Held, anne: Client, account: str) -> None:
	given = {**file_for(account), "key": "unknown"}
	at_once = anne.call(dotted("import_file"), **given)
	job = begin(anne, "import_file", **given)
	errors = held.made.data("answer = frappe.db.count('Error Log')")
	work(held.site)
	failed = status(anne, job)
	assert (at_once.status_code, failed["state"]) == (REFUSED, "failed")
	assert (failed["code"], failed["result"]) == (at_once.json()["code"], None)
	assert failed["message"]
	assert held.made.data("answer = frappe.db.count('Error Log')") == errors


_HOST_FAILS = """
from dokos_banksync.actions import undo
from dokos_banksync.hosts.frappe import review_jobs
def failing(context, name):
	raise getattr(frappe, kind)("The <b>host</b> says no")
undo.undo_data = failing
review_jobs.perform(job)
"""


@pytest.mark.parametrize(
	("kind", "code", "sentence"),
	[
		("ValidationError", "BS-600", "The site refused it: The host says no"),
		("PermissionError", "BS-600", "You do not have the right to do this (any more)"),
		("QueryDeadlockError", "BS-400", "The database was busy with other work"),
	],
)
def test_what_the_host_raises_in_a_job_is_a_sentence(
	held: Held, anne: Client, account: str, kind: str, code: str, sentence: str
) -> None:
	run = imported(held, anne, account)
	job = begin(anne, "undo_run", run=run)
	held.made.run(_HOST_FAILS, job=job, kind=kind)
	failed = status(anne, job)
	assert (failed["state"], failed["code"]) == ("failed", code)
	assert failed["message"].startswith(sentence)


# -- waiting, progress, cancelling ---------------------------------------------------------------------------
def test_without_a_worker_the_answer_says_so(held: Held, anne: Client, account: str) -> None:
	answer = message_of(anne.call(dotted("preview_file"), **file_for(account), background="1"))
	assert answer["message"].startswith("No background worker of this site is running")
	waiting = status(anne, answer["job"])
	assert (waiting["state"], waiting["percent"]) == ("queued", None)
	assert waiting["description"] == answer["message"]


def test_a_cancelled_undo_leaves_the_ledger_as_it_was(held: Held, anne: Client, account: str) -> None:
	run = imported(held, anne, account)
	before = state(held, account)
	job = begin(anne, "undo_run", run=run)
	seen, left = held.made.run(_CANCEL_AT, job=job, at="undo", account=account)
	assert [stage for stage, _, _ in seen] == ["undo", "undo"]
	assert (seen[0][1], seen[1][1], left) == (0, 7, 60)
	assert status(anne, job)["state"] == "cancelled"
	assert state(held, account) == before
	undone(anne, run)


@pytest.mark.parametrize("at", ["check", "match", "store"])
def test_a_cancelled_import_leaves_the_ledger_as_it_was(
	held: Held, anne: Client, account: str, at: str
) -> None:
	given = file_for(account)
	key = message_of(anne.call(dotted("preview_file"), **given))["plan"]["key"]
	before = state(held, account)
	job = begin(anne, "import_file", **given, key=key)
	seen, left = held.made.run(_CANCEL_AT, job=job, at=at, account=account)
	assert (seen[-1][0], left) == (at, 0)
	assert (status(anne, job)["state"], state(held, account)) == ("cancelled", before)
	code = "answer = frappe.get_all('Sync Run', {'trigger': 'file'}, ['status', 'error_message', 'created'], order_by='name desc', limit=1)"
	assert held.made.data(code) == [
		{"status": "Failed", "error_message": "A user cancelled it: nothing was imported", "created": 0}
	]


def test_a_cancelled_preview_of_a_connection_is_no_failure_of_it(held: Held, anne: Client) -> None:
	held.made.sync()
	user = held.user("manager")
	job = begin(user, "preview_connection", connection=held.made.name)
	assert message_of(user.call(CANCEL, job=job))["state"] == "cancelled"
	work(held.site)
	assert status(user, job)["state"] == "cancelled"
	assert held.made.fields("status", "status_code") == ["Active", ""]


# -- rights ------------------------------------------------------------------------------------------------
def test_a_job_is_of_the_user_who_began_it_alone(held: Held, anne: Client, account: str) -> None:
	run = imported(held, anne, account)
	job = begin(anne, "undo_run", run=run)
	for name in ("user", "manager", "elsewhere"):
		for method in (STATUS, CANCEL):
			answer = held.user(name).call(method, job=job)
			assert (answer.status_code, answer.json()["code"]) == (REFUSED, "BS-601"), name
	for name in ("guest", "portal"):
		assert not held.user(name).call(STATUS, job=job).ok
	assert held.user("guest").call(CANCEL, job=job).status_code == NO
	assert anne.get(f"/api/method/{CANCEL}", job=job).status_code == NO
	assert status(anne, job)["state"] == "queued"
	message_of(anne.call(CANCEL, job=job))
	undone(anne, run)


def test_who_may_not_do_it_at_once_begins_no_job(held: Held, anne: Client, account: str) -> None:
	run = imported(held, anne, account)
	for name in ("guest", "portal"):
		assert held.user(name).call(dotted("undo_run"), run=run, background="1").status_code == NO
	if held.company:
		elsewhere = held.user("elsewhere").call(dotted("undo_run"), run=run, background="1")
		assert elsewhere.status_code in (NO, REFUSED)
	undone(anne, run)


_RIGHTS = """
user = frappe.get_doc("User", who)
user.roles = []
user.extend("roles", [{"role": role} for role in roles])
user.save()
frappe.clear_cache(user=who)
"""


def test_rights_that_are_taken_away_meanwhile_end_the_job_and_hide_its_result(
	held: Held, anne: Client, account: str
) -> None:
	run, site = imported(held, anne, account), held.site
	email = site.user("jobs.former@example.org", "Accounts Manager", "Accounts User")
	former = site.client(email)
	looked = begin(former, "find_duplicates", bank_account=account)
	assert result(held, former, looked) == {"pairs": [], "count": 0}
	waiting = begin(former, "undo_run", run=run)
	before = state(held, account)
	site.run(_RIGHTS, who=email, roles=["Employee"] if site.has("Employee") else ["Blogger"])
	work(site)
	assert state(held, account) == before
	for job in (looked, waiting):
		answer = former.call(STATUS, job=job)
		assert (answer.status_code, "pairs" in answer.text) == (REFUSED, False)
	undone(anne, run)


def test_a_job_runs_as_its_user(held: Held, anne: Client, account: str) -> None:
	given = file_for(account)
	key = message_of(anne.call(dotted("preview_file"), **given))["plan"]["key"]
	run = result(held, anne, begin(anne, "import_file", **given, key=key))["run"]
	code = (
		"answer = frappe.get_all('Bank Transaction', {'bank_account': account}, pluck='owner', distinct=True)"
	)
	assert held.made.data(code, account=account) == ["api.accountant@example.org"]
	undone(anne, run)


# -- workers that are lost -----------------------------------------------------------------------------------
def test_a_worker_that_is_killed_is_reported_as_lost(held: Held, anne: Client, server: SandboxServer) -> None:
	user = held.user("manager")
	held.made.sync()
	server.faults.add(Fault("latency", path="/v3/aggregation/transactions", seconds=20, count=1))
	job = begin(user, "preview_connection", connection=held.made.name)
	process = worker(held.site)
	try:
		until(lambda: status(user, job)["state"] == "running")
		kill(process.pid, horse_of(process))
	finally:
		process.wait()
		server.faults.clear()
	until(lambda: status(user, job)["state"] != "running")
	lost = status(user, job)
	assert lost["state"] == "failed"
	assert lost["message"].startswith("The background worker was lost")


def test_a_queue_that_was_emptied_is_reported_as_lost(held: Held, anne: Client, account: str) -> None:
	job = begin(anne, "find_duplicates", bank_account=account)
	assert status(anne, job)["state"] == "queued"
	with own_queue(held.site):
		assert status(anne, job)["state"] == "failed"


def test_a_worker_takes_a_job_from_the_queue_and_reports(held: Held, anne: Client, account: str) -> None:
	job = begin(anne, "find_duplicates", bank_account=account)
	process = worker(held.site)
	try:
		done = until(lambda: (found := status(anne, job))["state"] == "done" and found)
	finally:
		process.terminate()
		process.wait()
	assert done["result"] == {"pairs": [], "count": 0}


# -- at the Desk -------------------------------------------------------------------------------------------
@pytest.fixture
def large_file(tmp_path: Path) -> Path:
	"""So many rows that the preview and the import are jobs; new each time, as a file belongs to one account."""
	label = f"{'A LONG LABEL ' * 10}{uuid4().hex[:8]}"
	rows = "\n".join(f"01/02/2026;{label} {n};-{n},10" for n in range(1, 2_001))
	path = tmp_path / "large.csv"
	path.write_text(f"Date;Label;Amount\n{rows}\n")
	return path


@pytest.mark.browser
def test_a_large_file_at_the_desk_shows_progress_is_cancelled_and_then_imported(
	browser: Browser, held: Held, account: str, large_file: Path
) -> None:
	user = held.site.user("jobs.desk@example.org", *ROLES)
	with own_queue(held.site), window(browser, held.site, user) as desk:
		page = desk.page
		desk.open(f"bank-account/{account}")
		page.evaluate("name => banksync.import_dialog(name)", account)
		page.locator(".modal.show [data-file]").set_input_files(large_file)
		progress = page.locator(".modal.show", has=page.locator("progress"))
		expect(progress).to_contain_text("No background worker of this site is running")
		progress.get_by_role("button", name="Cancel the work").click()
		expect(page.locator("body")).to_contain_text("Cancelled: nothing was changed.")
		expect(progress).to_have_count(0)
		process = worker(held.site)
		try:
			page.locator(".modal.show [data-file]").set_input_files([])
			page.locator(".modal.show [data-file]").set_input_files(large_file)
			expect(page.locator(".modal.show [data-plan]")).to_contain_text("2000", timeout=120 * SECONDS)
			page.locator(".modal.show").get_by_role("button", name="Import", exact=True).click()
			done = page.locator(".modal.show [data-done]")
			expect(done).to_contain_text("imported", timeout=120 * SECONDS)
			count = 'answer = frappe.db.count("Bank Transaction", {"bank_account": account})'
			assert held.made.data(count, account=account) == 2_000
			page.reload()
			desk.open(f"bank-account/{account}")
			assert page.evaluate("banksync.jobs_begun()") == []
			run = held.made.data(
				"answer = frappe.get_all('Sync Run', {'trigger': 'file'}, pluck='name', order_by='name desc', limit=1)[0]"
			)
			page.evaluate(
				"""run => { banksync.call("dokos_banksync.api.review.undo_run", { run, background: "1" }) }""",
				run,
			)
			expect(page.locator(".modal.show progress")).to_have_count(1)
			page.reload()
			desk.open(f"bank-account/{account}")
			expect(page.locator("body")).to_contain_text("2,000 removed", timeout=120 * SECONDS)
			assert held.made.data(count, account=account) == 0
		finally:
			process.terminate()
			process.wait()
