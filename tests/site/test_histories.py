"""Random histories at a bank, on a real site: the site ends equal to the truth, whatever failed or was killed."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from dokos_banksync.core.connection import connect
from dokos_banksync.core.connection.completing import complete_connect
from tests.core.importing.test_histories import Story
from tests.core.pretend import FakeProvider, PretendBank
from tests.site.test_ledger import current, ledger_there, process  # noqa: F401

EVENTS = (
	*(["book"] * 6 + ["twin", "twin", "announce", "book_announced", "delete", "amend", "recategorise"]),
	*("renumber", "sync", "sync", "cut", "kill", "kill late", "reconnect", "number anew"),
)
BOOKED = """
from dokos_banksync.hosts.frappe.ledger.fields import site_fields
names = site_fields()
answer = frappe.db.sql(
	f"SELECT t.`date`, CAST({names.amount} AS CHAR(40)) FROM `tabBank Transaction` t "
	"WHERE t.bank_account = %s AND t.docstatus < 2", (account,), as_list=True)
"""


class SiteStory(Story):
	"""The same story, with a site for a ledger."""

	def __init__(self, there, ledger, connection, name, seed):
		self.bank = PretendBank(seed)
		self.provider = FakeProvider(self.bank)
		self.process, self.ledger, self.connection, self.name = there, ledger, connection, name
		complete_connect(self.ledger, self.provider, self.connection, {})
		[account] = self.ledger.accounts(self.connection)
		connect.link(self.ledger, self.connection, [connect.Choice(account.source, "Current")])

	def booked(self):
		rows = self.process.run(BOOKED, account=self.name)
		return Counter((day, str(float(amount))) for day, amount in rows)

	def truth(self):
		return Counter({(str(day), str(float(amount))): n for (day, amount), n in self.bank.truth().items()})


@pytest.mark.parametrize("seed", range(3))
def test_the_site_ends_equal_to_the_bank(process, ledger_there, current, seed):  # noqa: F811
	story = SiteStory(process, *ledger_there, current, seed)
	chosen = random.Random(seed)
	for _ in range(40):
		story.simulate(chosen.choice(EVENTS))
	run = story.sync()
	assert story.booked() == story.truth()
	[check] = run.checks
	assert (check.complete, check.bank_balance) == (True, story.bank.balance())
	again = story.sync()
	assert (again.created, again.linked, again.updated, again.removed) == (0, 0, 0, 0)
