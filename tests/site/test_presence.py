"""The browser's address and user agent go from the request to the job."""

from __future__ import annotations

from tests.site.bench import Site

_REQUEST = """
from types import SimpleNamespace
from dokos_banksync.hosts.frappe import queue, scheduler
from dokos_banksync.hosts.frappe.request_presence import presence
queued = {}
queue.enqueue = lambda method, job, hold, **arguments: queued.update(arguments) or True
frappe.local.request = SimpleNamespace(headers={"User-Agent": "Firefox/140"})
frappe.local.request_ip = "81.2.69.142"
scheduler.start(["BC-1"], scheduler.Trigger.MANUAL, "Administrator", presence())
"""


def test_a_click_states_who_waits(site: Site) -> None:
	result = site.run(_REQUEST + "answer = queued")["presence"]
	assert (result["ip_address"], result["user_agent"]) == ("81.2.69.142", "Firefox/140")
	assert result["at"].endswith("+00:00")


def test_the_schedule_states_nothing(site: Site) -> None:
	code = (
		_REQUEST
		+ "queued.clear(); scheduler.start(['BC-1'], scheduler.Trigger.SCHEDULED, ''); answer = sorted(queued)"
	)
	assert site.run(code) == ["connection", "trigger", "user"]


def test_without_a_request_there_is_no_address(site: Site) -> None:
	code = """
	from dokos_banksync.hosts.frappe.request_presence import presence
	frappe.local.request = None
	found = presence()
	answer = [found.user_present, found.ip_address, found.user_agent]
	"""
	assert site.run(code) == [True, "", ""]
