"""What a site does by itself: its schedule, its queue and its notifications, with workers that may be killed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from dokos_banksync.sandbox.clock import Clock
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.world import World
from tests.site.bench import Site
from tests.site.journeys import Connected, connect, horse_of, kill, own_queue, until, work, worker

_HOURLY = "from dokos_banksync.tasks import banksync_hourly; banksync_hourly()"
_DAILY = "from dokos_banksync.tasks import banksync_daily; banksync_daily()"
_PAST = "2020-01-01 00:00:00"
_QUEUED = """
from rq import Queue
from frappe.utils.background_jobs import generate_qname, get_redis_conn
jobs = Queue(generate_qname("long"), connection=get_redis_conn()).jobs
answer = [job.kwargs["kwargs"].get("connection") or job.kwargs["method"] for job in jobs if job.kwargs["site"] == frappe.local.site]
"""
_SENT = """
logs = frappe.get_all("Notification Log", {"document_name": connection}, ["for_user", "subject", "email_content"])
queue = frappe.get_all("Email Queue", {"reference_name": connection}, pluck="name")
mails = frappe.get_all("Email Queue Recipient", {"parent": ["in", [*queue, ""]]}, pluck="recipient")
comments = frappe.get_all("Comment", {"reference_name": connection, "comment_type": "Info"}, pluck="content")
answer = {"logs": logs, "mails": mails, "comments": comments}
"""
START = "from dokos_banksync.hosts.frappe import scheduler; from dokos_banksync.core.trigger import Trigger; "
_RETRY = """
from dokos_banksync.providers import retry
import functools
from dokos_banksync.actions import site as desk_site
desk_site.make_provider = functools.partial(desk_site.make_provider, sleep=lambda seconds: None)
from dokos_banksync.tasks import run_connection
run_connection(connection, "scheduled", "")
"""


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
	with SandboxServer(World(5, Clock.real(), years=0.3)) as running:
		yield running


@pytest.fixture(scope="module")
def held(site: Site, server: SandboxServer) -> Connected:
	"""One connection of the site for all the tests; what they leave behind is put right by `made`."""
	return connect(site, server)


@pytest.fixture
def made(held: Connected, server: SandboxServer) -> Iterator[Connected]:
	server.faults.clear()
	held.simulate("set_status", item_id=int(held.remote_id), status=0)
	held.set(
		status="Active",
		status_code="",
		automatic=1,
		frequency="24 hours",
		next_run_at=None,
		warned_days=0,
		warned_status="",
		consent_expires_at=None,
	)
	held.data("""
	frappe.db.set_value("Sync Provider", provider, "enabled", 1)
	for doctype, field in (("Notification Log", "document_name"), ("Email Queue", "reference_name"), ("Comment", "reference_name")):
		frappe.db.delete(doctype, {field: connection})
	frappe.db.delete("Sync Run", {"connection": connection})
	""")
	with own_queue(held.site):
		yield held
	server.faults.clear()


def queued(site: Site) -> list[str]:
	return site.run(_QUEUED)


def next_run(made: Connected) -> timedelta:
	"""How far ahead the next appointment is."""
	at, now = made.data("""
	answer = [frappe.db.get_value("Sync Connection", connection, "next_run_at"), frappe.utils.now_datetime()]
	""")
	return datetime.fromisoformat(at) - datetime.fromisoformat(now)


# -- the schedule ----------------------------------------------------------------------------------------
def test_the_scheduler_knows_both_entries(site):
	code = 'answer = frappe.get_all("Scheduled Job Type", {"method": ["like", "dokos_banksync.%"]}, ["method", "frequency", "stopped"])'
	assert sorted(
		(job["method"].rpartition(".")[2], job["frequency"], job["stopped"]) for job in site.run(code)
	) == [
		("banksync_daily", "Daily", 0),
		("banksync_hourly", "Hourly", 0),
	]


@pytest.mark.parametrize("entry", [_HOURLY, _DAILY])
def test_what_is_due_is_fetched_once_and_gets_its_next_hour(made, entry):
	made.set(next_run_at=_PAST)
	made.site.run(entry)
	made.site.run(entry)
	assert queued(made.site).count(made.name) == 1
	work(made.site)
	[run] = made.runs()
	assert (run["status"], run["trigger"]) == ("Success", "scheduled")
	assert timedelta(hours=6) < next_run(made) <= timedelta(hours=30)
	made.site.run(entry)
	assert made.name not in queued(made.site)


def test_a_connection_without_an_appointment_gets_one_and_does_not_start_at_once(made):
	made.site.run(_HOURLY)
	assert made.name not in queued(made.site)
	assert timedelta(0) < next_run(made) <= timedelta(hours=24)


@pytest.mark.parametrize(
	"fields",
	[{"automatic": 0}, {"status": "Disconnected"}, {"status": "Connecting"}, {"status": "Not Supported"}],
)
def test_what_is_not_to_be_fetched_is_left_alone(made, fields):
	made.set(next_run_at=_PAST, **fields)
	made.site.run(_HOURLY)
	assert made.name not in queued(made.site)


def test_a_disabled_provider_is_not_called_and_whoever_asks_sees_it(made, server):
	made.set(next_run_at=_PAST)
	made.data('frappe.db.set_value("Sync Provider", provider, "enabled", 0)')
	calls = len(server.calls)
	made.site.run(_HOURLY)
	made.sync()
	assert made.name not in queued(made.site)
	assert (len(server.calls), made.runs(), made.fields("status")) == (calls, [], "Active")


def test_another_frequency_makes_another_appointment(made):
	made.set(next_run_at="2099-01-01 00:00:00")
	made.run("""
	doc = frappe.get_doc("Sync Connection", connection)
	doc.frequency = "6 hours"
	doc.save()
	""")
	made.site.run(_HOURLY)
	assert timedelta(0) < next_run(made) <= timedelta(hours=6)


# -- one at a time, and killed ones ------------------------------------------------------------------------
def test_two_at_once_are_one_run(made):
	"""A process holds the connection, another one is turned away and leaves no trace."""
	answer = made.run("""
	import subprocess, sys
	from dokos_banksync.hosts.frappe.ledger import FrappeLedger
	code = "import frappe; frappe.init(site=%r); frappe.connect(); from dokos_banksync.tasks import run_connection; run_connection(%r); frappe.db.commit()"
	with FrappeLedger().hold(connection):
		done = subprocess.run([sys.executable, "-c", code % (frappe.local.site, connection)], capture_output=True, text=True)
	answer = [done.returncode, done.stderr[-500:]]
	""")
	assert answer == [0, ""]
	assert made.runs() == []


def test_a_click_while_one_waits_starts_no_second(made):
	code = START + 'answer = scheduler.start([connection], Trigger.MANUAL, "Administrator")'
	assert made.run(code) == [made.name]
	assert made.run(code) == []
	assert (
		made.run(
			"from dokos_banksync.hosts.frappe import scheduler; answer = scheduler.progress_of(connection)"
		)
		== {}
	)
	work(made.site)
	assert [run["trigger"] for run in made.runs()] == ["manual"]
	assert (
		made.run(
			"from dokos_banksync.hosts.frappe import scheduler; answer = scheduler.progress_of(connection)"
		)
		is None
	)


@pytest.mark.slow
def test_a_job_that_is_killed_is_taken_up_again(made, server):
	"""kill -9 in the middle of a call; the lock goes with the process, the next hour takes the run up."""
	server.faults.add(Fault("latency", path="/v3/aggregation/transactions", seconds=20, count=1))
	made.set(next_run_at=_PAST)
	made.site.run(_HOURLY)
	process = worker(made.site)
	try:
		until(lambda: [run["status"] for run in made.runs()] == ["Running"])
		kill(horse_of(process))
		until(
			lambda: (
				not made.run(
					"from dokos_banksync.hosts.frappe import scheduler; answer = scheduler.progress_of(connection) is not None"
				)
			)
		)
	finally:
		kill(process.pid)
		process.wait()
	made.set(next_run_at=None)
	made.site.run(_HOURLY)
	assert made.name not in queued(made.site), (
		"taken up at once: one that kills every time would do so all day"
	)
	made.run('frappe.db.set_value("Sync Run", {"connection": connection}, "started_at", "2020-01-01")')
	made.site.run(_HOURLY)
	work(made.site)
	last, first = made.runs()
	assert (first["status"], first["error_message"].partition(":")[0]) == ("Failed", "Interrupted")
	assert last["status"] == "Success"
	assert made.held() == made.truth()


@pytest.mark.slow
def test_a_worker_that_is_killed_blocks_nobody(made, server):
	"""Its job stays "started" in the queue; a click a minute later begins anew."""
	server.faults.add(Fault("latency", path="/v3/aggregation/transactions", seconds=20, count=1))
	click = START + 'answer = scheduler.start([connection], Trigger.MANUAL, "")'
	assert made.run(click) == [made.name]
	process = worker(made.site)
	until(lambda: [run["status"] for run in made.runs()] == ["Running"])
	kill(process.pid, horse_of(process))
	process.wait()
	assert made.run(click) == []
	made.run("""
	from datetime import datetime
	from dokos_banksync.hosts.frappe import scheduler
	from frappe.utils.background_jobs import get_job
	job = get_job(scheduler.job_of(connection))
	job.started_at = datetime(2020, 1, 1, tzinfo=job.started_at.tzinfo)
	job.save()
	""")
	assert made.run(click) == [made.name]
	work(made.site)
	assert [run["status"] for run in made.runs()] == ["Success", "Failed"]


# -- failures ----------------------------------------------------------------------------------------------
def test_a_rate_limit_reschedules_itself(made, server):
	server.faults.add(Fault("status", status=429, retry_after=2400, count=None))
	made.run(_RETRY)
	[run] = made.runs()
	assert (run["status"], run["error_code"]) == ("Failed", "BS-300")
	assert timedelta(minutes=38) < next_run(made) < timedelta(minutes=46)
	assert made.fields("status", "status_code") == ["Active", "BS-300"]


def test_a_passing_failure_is_tried_again_less_and_less_often(made, server):
	server.faults.add(Fault("status", status=503, count=None))
	waits = []
	for _ in range(3):
		made.run(_RETRY)
		waits.append(round(next_run(made).total_seconds() / 60))
	assert waits == [15, 60, 180]


def test_one_bad_connection_stops_nobody(made, server):
	"""A provider's record that was deleted all the same: its run says so, the others go on."""
	other = connect(made.site, server)
	other.run("""
	frappe.db.delete("Sync Provider", {"name": provider})
	""")
	for one in (made, other):
		one.set(next_run_at=_PAST)
	errors = made.data("answer = frappe.db.count('Error Log')")
	made.site.run(_HOURLY)
	assert {made.name, other.name} <= set(queued(made.site))
	work(made.site)
	assert [run["status"] for run in made.runs()] == ["Success"]
	[failed] = other.runs()
	assert (failed["status"], failed["error_code"]) == ("Failed", "BS-601")
	assert other.provider in failed["error_message"]
	assert other.fields("status", "status_code") == ["Error", "BS-601"]
	assert made.data("answer = frappe.db.count('Error Log')") == errors
	other.set(automatic=0)


def test_a_provider_that_is_in_use_is_not_deleted(made):
	sent = made.run("""
	try:
		frappe.delete_doc("Sync Provider", provider)
	except frappe.LinkExistsError:
		frappe.db.rollback()
	answer = frappe.db.exists("Sync Provider", provider)
	""")
	assert sent == made.provider


def test_a_connection_that_was_fetched_is_not_deleted(made):
	"""Its name would be given to the next one, with all its lines."""
	made.sync()
	sent = made.run("""
	try:
		frappe.delete_doc("Sync Connection", connection, force=True)
	except frappe.LinkExistsError as error:
		answer = str(error)
	""")
	assert "disconnect it instead" in sent


def test_a_connection_that_is_deleted_while_its_job_waits(made, server):
	other = connect(made.site, server)
	other.run(START + 'scheduler.start([connection], Trigger.MANUAL, "")')
	other.run('frappe.delete_doc("Sync Connection", connection, force=True)')
	errors = made.data("answer = frappe.db.count('Error Log')")
	work(made.site)
	assert made.data("answer = frappe.db.count('Error Log')") == errors


def test_a_defect_of_ours_is_logged_once_and_the_next_appointment_is_made(made):
	errors = made.data("answer = frappe.db.count('Error Log')")
	sent = made.run("""
	from dokos_banksync.hosts.frappe import jobs
	def broken(*args, **more):
		raise RuntimeError("a defect")
	jobs.sync = broken
	try:
		jobs.run(connection, jobs.Trigger.SCHEDULED, "")
		answer = "went through"
	except RuntimeError as error:
		answer = str(error)
	""")
	assert sent == "a defect"
	assert timedelta(minutes=10) < next_run(made) < timedelta(minutes=20)
	assert made.data("answer = frappe.db.count('Error Log')") == errors


@pytest.mark.parametrize(("conflicts", "statuses"), [(2, ["Success"]), (3, [])])
def test_a_deadlock_is_tried_again_at_once_and_not_for_ever(made, conflicts, statuses):
	sent = made.run(
		"""
	from dokos_banksync.hosts.frappe import jobs
	real, tried = jobs.sync, []
	def sync(*args, **more):
		tried.append(1)
		if len(tried) <= conflicts:
			raise frappe.QueryDeadlockError("Deadlock found when trying to get lock")
		return real(*args, **more)
	jobs.sync = sync
	try:
		jobs.run(connection, jobs.Trigger.SCHEDULED, "")
	except frappe.QueryDeadlockError:
		pass
	answer = len(tried)
	""",
		conflicts=conflicts,
	)
	assert sent == 3
	assert [run["status"] for run in made.runs()] == statuses
	assert next_run(made) > timedelta(0)


_CLOSE = """
from dokos_banksync.hosts.frappe.ledger.fields import named
account = frappe.db.get_value("Sync Remote Account", {"parent": connection, "bank_account": ["!=", ""]}, "bank_account")
if way == "bank account":
	frappe.db.set_value("Bank Account", account, named("Bank Account", "lock_date"), day)
else:
	frappe.db.set_single_value("Accounts Settings", "acc_frozen_upto", day)
frappe.db.commit()
frappe.clear_cache()
"""


@pytest.mark.parametrize("way", ["bank account", "accounts settings"])
def test_lines_of_a_closed_period_wait_until_it_is_opened(site, server, way):
	if way == "accounts settings" and not site.has("Accounts Settings", "acc_frozen_upto"):
		pytest.skip(f"{site.name} freezes no accounts by a setting")
	server.faults.clear()
	made = connect(site, server)
	day = (server.world.clock.today() - timedelta(days=40)).isoformat()
	made.run(_CLOSE, way=way, day=day)
	try:
		made.sync()
		[run] = made.runs()
		assert run["held"] > 5
		assert made.held() + run["held"] >= made.truth() > made.held()
		reasons = made.run(
			'answer = frappe.get_all("Sync Line", {"connection": connection, "date": ["<=", day]}, pluck="reason")',
			day=day,
		)
		assert set(reasons) == {"In a locked period"}
	finally:
		made.run(_CLOSE, way=way, day=None)
	made.sync()
	assert made.held() == made.truth()


# -- users ------------------------------------------------------------------------------------------------
@pytest.fixture
def readers(made: Connected) -> Iterator[Callable[[], dict[str, list[str]]]]:
	"""An owner who reads English, a manager who reads French, a clerk, and a manager of another bank; who was told
	what.
	"""
	owner = made.site.user("owner@banksync.test", "Bank Sync Manager", "Accounts Manager")
	made.site.user("fr@banksync.test", "Bank Sync Manager", language="fr")
	made.site.user("clerk@banksync.test", "Accounts User")
	made.run("""
	if not frappe.db.exists("Bank", "Elsewhere"):
		frappe.get_doc({"doctype": "Bank", "bank_name": "Elsewhere"}).insert()
	""")
	limits = [["Bank", "Elsewhere"]]
	made.site.user("else@banksync.test", "Bank Sync Manager", permissions=limits)
	made.run(
		"""
	if not frappe.db.exists("Email Account", {"default_outgoing": 1}):
		doc = frappe.get_doc({"doctype": "Email Account", "email_account_name": "Out", "email_id": "out@banksync.test",
			"enable_outgoing": 1, "default_outgoing": 1, "smtp_server": "127.0.0.1", "no_smtp_authentication": 1})
		doc.name = "Out"
		doc.db_insert()
		frappe.clear_cache()
	frappe.db.set_value("Sync Connection", connection, "owner", owner)
	frappe.db.set_value("Notification Settings", "fr@banksync.test", "enable_email_notifications", 1)
	""",
		owner=owner,
	)

	def sent() -> dict[str, list[str]]:
		found = made.data(_SENT)
		sent: dict[str, list[str]] = {}
		for log in found["logs"]:
			sent.setdefault(log["for_user"], []).append(log["subject"])
		return {**sent, "mails": sorted(found["mails"]), "comments": found["comments"]}

	yield sent
	made.run("""
	for user in ("owner@banksync.test", "fr@banksync.test", "clerk@banksync.test", "else@banksync.test"):
		frappe.db.set_value("User", user, "enabled", 0)
	""")


def test_a_bank_that_needs_the_user_notifies_each_reader_once(made, readers):
	made.simulate("set_status", item_id=int(made.remote_id), status=402)
	made.sync("scheduled")
	sent = readers()
	assert sent["owner@banksync.test"] == [
		f"{made.bank} needs your action: no transactions are imported until then"
	]
	assert sent["fr@banksync.test"][0].startswith(f"{made.bank} demande une action de votre part")
	assert sent["mails"].count("owner@banksync.test") == sent["mails"].count("fr@banksync.test") == 1
	for user in ("clerk@banksync.test", "else@banksync.test"):
		assert user not in sent["mails"]
		assert user not in sent
	assert len(sent["comments"]) == 1
	for _ in range(2):
		made.sync("scheduled")
	made.run("from dokos_banksync.tasks import remind_users; remind_users()")
	assert readers() == sent


def test_a_consent_that_ends_is_notified_once_per_reminder(made, readers):
	remind = "from dokos_banksync.tasks import remind_users; remind_users()"
	for days in (6, 6, 0.5):
		made.run(
			"""
		at = frappe.utils.add_to_date(frappe.utils.now_datetime(), hours=int(days * 24))
		frappe.db.set_value("Sync Connection", connection, "consent_expires_at", at)
		""",
			days=days,
		)
		made.run(remind)
	subjects = sorted(readers()["owner@banksync.test"])
	assert [subject.split(" ends ")[1].split(".")[0] for subject in subjects] == ["in 6 days", "within a day"]


def test_a_bank_that_refuses_the_schedule_goes_manual_and_says_so(made, readers):
	made.simulate("set_status", item_id=int(made.remote_id), status=1005)
	made.sync("scheduled")
	assert made.fields("automatic", "next_run_at", "status") == [0, None, "Not Supported"]
	sent = readers()
	assert "does not allow automatic fetching" in sent["owner@banksync.test"][0]
	assert len(sent["owner@banksync.test"]) == 1
	assert "automatic fetching" in " ".join(sent["comments"]) or "automatique" in " ".join(sent["comments"])


def test_a_reader_who_wants_no_mail_gets_none(made, readers):
	made.run("""
	settings = frappe.get_doc("Notification Settings", "fr@banksync.test")
	settings.enable_email_notifications = 0
	settings.save(ignore_permissions=True)
	""")
	made.simulate("set_status", item_id=int(made.remote_id), status=429)
	made.sync("scheduled")
	sent = readers()
	assert len(sent["fr@banksync.test"]) == 1
	assert [mail for mail in sent["mails"] if mail.endswith("@banksync.test")] == ["owner@banksync.test"]


def test_a_site_that_cannot_send_mail_notifies_in_the_desk(made, readers):
	made.run("""
	from dokos_banksync.hosts.frappe import notify
	def broken(**more):
		raise frappe.OutgoingEmailError("no account")
	notify.frappe.sendmail = broken
	from dokos_banksync.core.connection.notifications import Notification as Notice
	from dokos_banksync.hosts.frappe.ledger import FrappeLedger
	notify.send(FrappeLedger().connection(connection), [Notice("Hello {0}", ("<b>you</b>",), "a <script>")])
	""")
	sent = made.data(_SENT)
	assert {log["subject"] for log in sent["logs"]} == {"Hello &lt;b&gt;you&lt;/b&gt;"}
	assert "<script>" not in str(sent)


def test_a_site_without_an_account_to_send_from_notifies_in_the_desk(made, readers):
	made.run("""
	frappe.db.set_value("Email Account", {"default_outgoing": 1}, "default_outgoing", 0)
	frappe.local.conf.mail_server = None
	frappe.clear_cache(doctype="Email Account")
	from dokos_banksync.hosts.frappe import notify
	from dokos_banksync.core.connection.notifications import Notification as Notice
	from dokos_banksync.hosts.frappe.ledger import FrappeLedger
	notify.send(FrappeLedger().connection(connection), [Notice("Hello {0}", ("you",), "there")])
	frappe.db.set_value("Email Account", "Out", "default_outgoing", 1)
	""")
	sent = readers()
	assert len(sent["owner@banksync.test"]) == 1
	assert sent["mails"] == []


def test_what_could_not_be_sent_is_sent_the_next_time(made, readers):
	made.simulate("set_status", item_id=int(made.remote_id), status=402)
	code = """
	from dokos_banksync import tasks
	from dokos_banksync.hosts.frappe import notify
	if broken:
		def fail_by_mail(*args):
			raise RuntimeError("a template of somebody's")
		notify._by_mail = fail_by_mail
	tasks.run_connection(connection, "scheduled", "")
	"""
	made.run(code, broken=True)
	assert made.runs()[0]["status"] == "Partial"
	assert next_run(made) > timedelta(0)
	assert readers() == {"mails": [], "comments": []}
	made.run(code, broken=False)
	assert len(readers()["owner@banksync.test"]) == 1


# -- a site that cannot work ---------------------------------------------------------------------------------
_HEALTH = """
from dokos_banksync.hosts.frappe.progress import cache
cache().delete_value("banksync_health")
frappe.conf.disable_scheduler = off
from dokos_banksync import tasks
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.hosts.frappe import health
answer = health.complaints(Translations(spoken))
"""


def test_a_site_without_workers_or_scheduler_says_so(made):
	complaints = made.run(_HEALTH, off=1, spoken="en")
	assert len(complaints) == 2
	assert "worker" in complaints[0]
	assert "scheduler" in complaints[1]
	assert "arrière-plan" in made.run(_HEALTH, off=1, spoken="fr")[0]


def test_a_site_with_a_worker_has_no_complaint_about_it(made):
	process = worker(made.site)
	try:
		until(lambda: not any("worker" in sentence for sentence in made.run(_HEALTH, off=0, spoken="en")))
	finally:
		process.terminate()
		process.wait()


def test_a_queue_that_does_not_answer_is_a_sentence_too(made):
	code = """
	frappe.conf.redis_queue = frappe.local.conf.redis_queue = "redis://127.0.0.1:1"
	from frappe.utils import background_jobs
	from frappe.utils.redis_queue import RedisQueue
	import redis
	background_jobs.get_redis_conn = lambda *args, **more: redis.from_url("redis://127.0.0.1:1")
	from dokos_banksync import tasks
	from dokos_banksync.core.errors import TemporaryError
	try:
		from dokos_banksync.hosts.frappe import scheduler
		scheduler.start([connection], scheduler.Trigger.MANUAL, "")
	except TemporaryError as error:
		answer = str(error)
	"""
	assert "queue" in made.run(code)
	assert "does not answer" in made.run(code + _HEALTH.replace("\n", "\n\t"), off=0, spoken="en")[0]
