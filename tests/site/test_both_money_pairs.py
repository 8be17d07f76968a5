"""Hosts that keep an amount twice, as `credit` and `debit` and as `deposit` and `withdrawal`: both are always right.

The pair that the host lacks is added to its doctype. Whether such a host fills one pair from the other is played by
its own controller, changed in the process that writes.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dokos_banksync.core.model import Action, Decision, Reason, Window
from dokos_banksync.core.trigger import Trigger
from tests.hosts.standalone.ledger.contract import DAY, IBAN, NOW, line, remote
from tests.site.test_ledger import current, ledger_there, process  # noqa: F401

AGAIN = "ledger.__dict__.clear(); ledger.__init__()"
ADD = """
from frappe.custom.doctype.custom_field.custom_field import create_custom_fields
meta = frappe.get_meta("Bank Transaction")
answer = [f for f in ("credit", "debit", "deposit", "withdrawal") if not meta.has_field(f)]
create_custom_fields({"Bank Transaction": [
	{"fieldname": f, "label": f, "fieldtype": "Currency", "insert_after": "currency", "default": "0"} for f in answer
]})
frappe.db.commit(); frappe.clear_cache()
"""
DROP = """
for field in fields:
	frappe.delete_doc("Custom Field", f"Bank Transaction-{field}", force=True)
frappe.db.commit()
for field in fields:
	index = f"banksync_{field}"
	if frappe.db.sql(f"SHOW INDEX FROM `tabBank Transaction` WHERE Key_name = '{index}'"):
		frappe.db.sql_ddl(f"ALTER TABLE `tabBank Transaction` DROP INDEX `{index}`")
	frappe.db.sql_ddl(f"ALTER TABLE `tabBank Transaction` DROP COLUMN `{field}`")
frappe.clear_cache()
"""
BEHAVE = """
from frappe.model.base_document import get_controller
from frappe.model.document import Document
from frappe.utils import flt
host = get_controller("Bank Transaction")
if "banksync_plain" not in vars(host):
	host.banksync_plain = vars(host).get("before_validate")
plain, counted = host.banksync_plain, [0]
def before_validate(self):
	plain and plain(self)
	counted[0] += self.docstatus == 0
	if how == "derives":
		self.set(added[0], flt(self.get(first[0]))); self.set(added[1], flt(self.get(first[1])))
	elif how == "writes a remark":
		self.transaction_type = f"{flt(self.get(first[0]))} and {flt(self.get(first[1]))}"
	elif how == "swaps":
		self.set(added[0], flt(self.get(first[1]))); self.set(added[1], flt(self.get(first[0])))
host.before_validate = before_validate
frappe.flags.banksync_counted = counted
"""
BEHAVE_AGAIN = """
from frappe.model.base_document import get_controller
host = get_controller("Bank Transaction")
plain = vars(host).get("banksync_plain")
if plain:
	host.before_validate = plain
elif "before_validate" in vars(host):
	del host.before_validate
"""
COUNTED = "answer = frappe.flags.banksync_counted[0]"
READ = """
rows = frappe.db.sql('''
	SELECT l.remote_id, t.credit, t.debit, t.deposit, t.withdrawal, t.unallocated_amount, t.transaction_type
	FROM `tabSync Line` l JOIN `tabBank Transaction` t ON t.name = l.bank_transaction WHERE l.source = %s
''', source)
answer = {row[0]: [str(value if value is not None else "") for value in row[1:]] for row in rows}
"""
ROWS = [
	*(line(f"out {n}", f"-{n}.10") for n in range(1, 7)),
	*(line(f"in {n}", f"{n}.70") for n in range(1, 7)),
]
AMOUNTS = {
	**{f"out {n}": (Decimal(0), Decimal(f"{n}.10")) for n in range(1, 7)},
	**{f"in {n}": (Decimal(f"{n}.70"), Decimal(0)) for n in range(1, 7)},
}


@pytest.fixture(scope="module")
def both(site, process):  # noqa: F811
	"""The names of the columns that were added."""
	if site.config.get("db_type") == "postgres":
		pytest.skip("columns are dropped in MariaDB's way")
	added = process.run(ADD)
	process.run(AGAIN)
	yield added
	process.run(DROP, fields=added)
	process.run(AGAIN)


class Feed:
	"""An account that is written to, on a host that behaves in one way."""

	def __init__(self, process, made, current, added):  # noqa: F811
		self.process, (self.ledger, connection), self.account, self.added = process, made, current, added
		[account] = self.ledger.save_accounts(connection, [remote()])
		self.ledger.add_bank_account("Current", "Banque du Port", "EUR", IBAN)
		self.ledger.link(account.source, current, None)
		self.source, self.run = account.source, self.ledger.begin_run(connection, Trigger.MANUAL, NOW).name

	def behave(self, how):
		first = ["credit", "debit"] if self.added[0] == "deposit" else ["deposit", "withdrawal"]
		self.process.run(AGAIN)
		self.process.run(BEHAVE, how=how, added=self.added, first=first)

	def write(self, lines=ROWS):
		made = [Decision(Action.NEW, one, self.source, self.account) for one in lines]
		return self.apply(made)

	def apply(self, decisions):
		with self.ledger.batch() as batch:
			return batch.apply(self.run, decisions, NOW)

	def read(self):
		return self.process.run(READ, source=self.source)

	def money(self):
		"""Of each line: both pairs."""
		return {
			name: (tuple(map(Decimal, row[:2])), tuple(map(Decimal, row[2:4])))
			for name, row in self.read().items()
		}


@pytest.fixture
def feed(both, process, ledger_there, current):  # noqa: F811
	yield Feed(process, ledger_there, current, both)
	process.run(BEHAVE_AGAIN)


@pytest.mark.parametrize("how", ["derives", "leaves them alone"])
def test_both_pairs_of_every_row_are_right_and_most_rows_are_written_in_bulk(feed, how):
	feed.behave(how)
	assert feed.write() == []
	assert feed.money() == {name: (amount, amount) for name, amount in AMOUNTS.items()}
	assert feed.process.run(COUNTED) == 3, "two of the first sign, and the first of the other one"
	out, paid_in = feed.read()["out 3"], feed.read()["in 3"]
	assert abs(Decimal(out[4])) == Decimal("3.10")
	assert Decimal(paid_in[4]) == Decimal("3.70")
	assert Decimal(feed.ledger.movements(feed.account)) == sum(one.amount for one in ROWS)


def test_a_column_that_nothing_explains_is_the_hosts_to_write(feed):
	"""Every row goes through the document, so that none has what the host wrote for another."""
	feed.behave("writes a remark")
	assert feed.write() == []
	assert feed.process.run(COUNTED) == len(ROWS)
	result = {name: row[5] for name, row in feed.read().items()}
	assert (result["out 2"], result["in 5"]) == ("0.0 and 2.1", "5.7 and 0.0")


def test_an_amount_that_the_host_turns_into_another_is_refused_with_a_reason(feed):
	feed.behave("swaps")
	refused = feed.write()
	assert {one.line.remote_id for one in refused} == set(AMOUNTS)
	assert {(one.action, one.reason) for one in refused} == {(Action.HOLD, Reason.HOST)}
	assert "another amount" in refused[0].note
	assert feed.read() == {}


@pytest.mark.parametrize("how", ["derives", "leaves them alone"])
def test_an_amount_that_the_bank_corrects_is_corrected_in_both_pairs(feed, how):
	feed.behave(how)
	feed.write()
	name = feed.process.run(
		"answer = frappe.db.get_value('Sync Line', {'source': source, 'remote_id': 'out 4'}, 'bank_transaction')",
		source=feed.source,
	)
	changed = line("out 4", "8.25")
	made = Decision(
		Action.UPDATE,
		changed,
		feed.source,
		feed.account,
		transaction=name,
		changes={"amount": Decimal("8.25")},
	)
	assert feed.apply([made]) == []
	assert feed.money()["out 4"] == ((Decimal("8.25"), Decimal(0)),) * 2
	assert Decimal(feed.read()["out 4"][4]) == Decimal("8.25")
	assert feed.money()["out 5"] == ((Decimal(0), Decimal("5.10")),) * 2


EMPTY_FIRST = """
frappe.db.sql('''
	UPDATE `tabBank Transaction` SET credit = 0, debit = 0 WHERE bank_account = %s
''', account)
frappe.db.commit()
"""


def test_a_row_with_one_pair_only_has_its_amount_and_is_found_by_it(feed):
	feed.behave("leaves them alone")
	feed.write()
	feed.process.run(EMPTY_FIRST, account=feed.account)
	assert Decimal(feed.ledger.movements(feed.account)) == sum(one.amount for one in ROWS)
	with feed.ledger.batch() as batch:
		found = batch.transactions(feed.account, [Window(Decimal(a), DAY, DAY) for a in ("-2.10", "4.70")])
	assert [one.amount for one in found] == [Decimal("-2.10"), Decimal("4.70")] or [
		one.amount for one in found
	] == [Decimal("4.70"), Decimal("-2.10")]
	[(_day, paid_in, paid_out, many)] = feed.ledger.turnover(feed.account, DAY, DAY)
	assert (paid_in, abs(paid_out), many) == (Decimal("25.20"), Decimal("21.60"), 12)


def test_what_we_kept_before_the_host_came_fills_both_pairs(feed):
	"""Rows of ours have `deposit` and `withdrawal` alone, of whatever value."""
	feed.behave("leaves them alone")
	feed.write()
	feed.process.run(EMPTY_FIRST, account=feed.account)
	feed.process.run(
		"from dokos_banksync.hosts.frappe.host_takeover import _carry; _carry('Bank Transaction'); frappe.db.commit()"
	)
	assert feed.money() == {name: (amount, amount) for name, amount in AMOUNTS.items()}


ANNOUNCED = """
frappe.db.sql("UPDATE `tabBank Transaction` SET status = 'Pending' WHERE bank_account = %s", account)
frappe.db.commit()
"""


def test_a_bank_transaction_that_is_announced_is_no_match_and_does_not_count(feed, site):
	if not site.run("answer = frappe.get_meta('Bank Transaction').is_submittable"):
		pytest.skip(f"{site.name} has no submitted bank transactions")
	feed.behave("leaves them alone")
	feed.write()
	feed.process.run(ANNOUNCED, account=feed.account)
	with feed.ledger.batch() as batch:
		assert batch.transactions(feed.account, [Window(Decimal("-2.10"), DAY, DAY)]) == []
	assert Decimal(feed.ledger.movements(feed.account)) == 0
	assert feed.ledger.turnover(feed.account, date(2000, 1, 1), date(2100, 1, 1)) == []
