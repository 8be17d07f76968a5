"""Our doctypes on real sites: who sees and changes what, what is cleared, what a user's hand may do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.site.bench import Site
from tests.site.records import BANK, CLEAR, PUT

ROLES = ("Bank Sync Manager", "Accounts Manager", "Accounts User")
RIGHTS = ("read", "write", "create", "delete")


@pytest.fixture
def records(site: Site) -> Iterator[Site]:
	site.run(CLEAR)
	yield site
	site.run(CLEAR)


# -- migrations ------------------------------------------------------------------------------------------
_RENAME = """
from dokos_banksync.patches import rename_columns
def columns():
	return {row[0] for row in frappe.db.sql("select column_name from information_schema.columns where table_name = 'tabSync Run'")}
if "adopted" in columns():
	frappe.db.sql_ddl("alter table `tabSync Run` drop column `adopted`")
frappe.db.sql_ddl("alter table `tabSync Run` rename column `linked` to `adopted`")
frappe.clear_cache()
rename_columns.execute()
rename_columns.execute()  # the second time finds nothing to do
answer = sorted(columns() & {"adopted", "linked"})
"""


def test_a_column_with_an_old_name_is_renamed(records: Site) -> None:
	records.run(PUT + "run('TD-R1', linked=3)")
	assert records.run(_RENAME) == ["linked"]
	assert records.run("answer = frappe.db.get_value('Sync Run', 'TD-R1', 'linked')") == 3


_RENAMED_ACTION = """
from dokos_banksync.patches import rename_actions
run("TD-R2")
entry = frappe.get_doc({"doctype": "Sync Journal Entry", "run": "TD-R2", "source": "TD", "remote_id": "1", "action": "Adopt"})
entry.db_insert()
rename_actions.execute()
answer = frappe.get_all("Sync Journal Entry", filters={"run": "TD-R2"}, pluck="action")
frappe.db.delete("Sync Journal Entry", {"run": "TD-R2"})
"""


def test_the_action_of_a_match_gets_its_present_name(records: Site) -> None:
	assert records.run(PUT + _RENAMED_ACTION) == ["Link"]


# -- who may do what -----------------------------------------------------------------------------------
MATRIX = {
	"Sync Provider": {"Bank Sync Manager": "read write create delete"},
	"Sync Connection": {
		"Bank Sync Manager": "read write create delete",
		"Accounts Manager": "read write",
		"Accounts User": "read",
	},
	"Sync Run": {"Bank Sync Manager": "read delete", "Accounts Manager": "read", "Accounts User": "read"},
	"Sync Line": {"Bank Sync Manager": "read delete", "Accounts Manager": "read", "Accounts User": "read"},
	"Sync Certificate": dict.fromkeys(ROLES, "read print email"),
}
ASK = """
answer = {d: {r: bool(frappe.has_permission(d, r)) for r in ("read", "write", "create", "delete", "export", "print", "share", "email")} for d in doctypes}
"""


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_what_it_is_for(site: Site, role: str) -> None:
	user = site.user("td-role@example.org", role)
	may = site.run(ASK, user=user, doctypes=list(MATRIX))
	for doctype, by_role in MATRIX.items():
		allowed = {right for right, yes in may[doctype].items() if yes}
		assert allowed == set(by_role.get(role, "").split()), (doctype, role)


def test_a_manager_of_bank_connections_opens_a_bank(site: Site) -> None:
	user = site.user("td-role@example.org", "Bank Sync Manager")
	may = site.run(ASK, user=user, doctypes=["Bank"])["Bank"]
	assert may["read"]
	assert may["create"]


def test_users_without_a_desk_see_nothing_whatever_their_roles(records: Site) -> None:
	records.run(
		PUT + "connection('TD-C1'); run('TD-R1', connection='TD-C1'); line('TD-L1', connection='TD-C1')"
	)
	portal = records.user("td-portal@example.org")
	records.run("frappe.db.set_value('User', u, 'user_type', 'Website User')", u=portal)
	for user in (portal, "Guest"):
		for doctype, name in (
			("Sync Connection", "TD-C1"),
			("Sync Run", "TD-R1"),
			("Sync Line", "TD-L1"),
			("Sync Provider", "TD Provider"),
		):
			seen = records.run(
				"frappe.clear_cache(user=frappe.session.user)\n"
				"answer = [bool(frappe.has_permission(d, 'read', n)), frappe.get_list(d, ignore_permissions=False) if frappe.has_permission(d) else []]",
				user=user,
				d=doctype,
				n=name,
			)
			assert seen == [False, []], (user, doctype)


def test_over_http_a_guest_gets_nothing(records: Site) -> None:
	records.run(PUT + "connection('TD-C1')")
	if not records.answers():
		pytest.skip(f"NO WEB SERVER at {records.url}")
	for doctype in MATRIX:
		assert records.guest().get(f"/api/resource/{doctype}").status_code in (401, 403)
	assert records.guest().get("/api/resource/Sync Connection/TD-C1").status_code in (401, 403)


# -- user permissions ----------------------------------------------------------------------------------
LISTED = """
answer = {d: sorted(n for n in frappe.get_list(d, pluck="name", limit_page_length=0) if n.startswith("TD")) for d in ("Sync Connection", "Sync Run", "Sync Line")}
answer["opened"] = sorted(n for d, n in names if frappe.has_permission(d, "read", n))
"""
COMPANIES = """
for name, short in (("TD One", "TDO"), ("TD Two", "TDT")):
	if not frappe.db.exists("Company", name):
		doc = frappe.get_doc({"doctype": "Company", "company_name": name, "abbr": short, "default_currency": "EUR", "country": "France"})
		doc.name = name
		doc.db_insert()
def account(company):
	doc = frappe.get_doc({"doctype": "Bank Account", "account_name": company, "bank": bank, "company": company, "is_company_account": 1})
	doc.name = f"TD {company}"
	doc.db_insert()
	return doc.name
for number, company in enumerate(("TD One", "TD Two"), 1):
	connection(f"TD-C{number}", company=company)
	run(f"TD-R{number}", connection=f"TD-C{number}")
	line(f"TD-L{number}", connection=f"TD-C{number}", bank_account=account(company))
connection("TD-C3", owner="td-limited@example.org")
run("TD-R3", owner="td-limited@example.org")
run("TD-R4")
"""
NAMES = [
	(kind, f"TD-{letter}{n}")
	for kind, letter in (("Sync Connection", "C"), ("Sync Run", "R"), ("Sync Line", "L"))
	for n in (1, 2)
]


def test_a_user_of_one_company_sees_that_companys(records: Site) -> None:
	if not records.has("Company"):
		pytest.skip(f"{records.name} has no companies")
	records.run(PUT + COMPANIES)
	user = records.user("td-limited@example.org", "Accounts Manager", permissions=[("Company", "TD One")])
	seen = records.run(LISTED, user=user, names=NAMES)
	free = records.run(LISTED, user=records.user("td-role@example.org", "Accounts Manager"), names=NAMES)
	records.run("frappe.db.delete('Company', {'name': ('like', 'TD %')})")
	assert seen["Sync Connection"] == ["TD-C1", "TD-C3"]
	assert seen["Sync Run"] == ["TD-R1", "TD-R3"]
	assert seen["Sync Line"] == ["TD-L1"]
	assert seen["opened"] == ["TD-C1", "TD-L1", "TD-R1"]
	assert free["opened"] == sorted(name for _, name in NAMES)
	assert free["Sync Run"] == ["TD-R1", "TD-R2", "TD-R3", "TD-R4"]


def test_a_user_of_one_bank_sees_that_banks_runs(records: Site) -> None:
	records.run(
		PUT
		+ "connection('TD-C1'); run('TD-R1', connection='TD-C1'); connection('TD-C2'); run('TD-R2', connection='TD-C2')\n"
		"frappe.db.set_value('Sync Connection', 'TD-C2', 'bank', None)\n"
		"b = frappe.get_doc({'doctype': 'Bank', 'bank_name': 'TD Bank'}).insert()\n"
		"frappe.db.set_value('Sync Connection', 'TD-C2', 'bank', b.name)"
	)
	user = records.user("td-limited@example.org", "Accounts Manager", permissions=[("Bank", BANK)])
	seen = records.run(LISTED, user=user, names=NAMES[:4])
	records.run("frappe.db.delete('Bank', {'name': 'TD Bank'})")
	assert seen["Sync Connection"] == ["TD-C1"]
	assert seen["Sync Run"] == ["TD-R1"]
	assert seen["opened"] == ["TD-C1", "TD-R1"]


# -- what a hand may change ----------------------------------------------------------------------------
def test_a_user_changes_the_schedule_and_nothing_that_the_synchronisation_writes(records: Site) -> None:
	records.run(
		PUT + "connection('TD-C1', remote_id='item-1', frequency='24 hours')\n"
		"child = frappe.get_doc({'doctype': 'Sync Remote Account', 'parent': 'TD-C1', 'parenttype': 'Sync Connection',"
		" 'parentfield': 'accounts', 'idx': 1, 'remote_id': 'a', 'account_name': 'Current', 'cursor': 'c1'})\n"
		"child.name = 'TD-A1'; child.db_insert()"
	)
	user = records.user("td-role@example.org", "Accounts Manager")
	changed = records.run(
		"""
doc = frappe.get_doc("Sync Connection", "TD-C1")
doc.update({"automatic": 0, "frequency": "6 hours", "status": "Error", "remote_id": "item-2"})
doc.accounts[0].update({"cursor": "", "remote_id": "b"})
doc.append("accounts", {"remote_id": "z"})
frappe.db.set_value("Sync Remote Account", "TD-A1", "cursor", "c2")
doc.save()
doc = frappe.get_doc("Sync Connection", "TD-C1")
answer = [doc.automatic, doc.frequency, doc.status, doc.remote_id, [(a.name, a.remote_id, a.cursor) for a in doc.accounts]]
""",
		user=user,
	)
	records.run("frappe.db.delete('Sync Remote Account', {'parent': 'TD-C1'})")
	assert changed == [0, "6 hours", "Active", "item-1", [["TD-A1", "a", "c2"]]]


def test_a_connection_made_by_hand_starts_from_nothing(records: Site) -> None:
	made = records.run(
		PUT
		+ """
doc = frappe.get_doc({"doctype": "Sync Connection", "bank": bank, "provider": "TD Provider", "status": "Active", "remote_id": "x",
	"accounts": [{"remote_id": "y", "bank_account": None}]}).insert()
answer = [doc.status, doc.remote_id or "", len(doc.accounts)]
frappe.delete_doc("Sync Connection", doc.name)
"""
	)
	assert made == ["Connecting", "", 0]


def test_a_provider_in_use_cannot_be_deleted(records: Site) -> None:
	records.run(PUT + "connection('TD-C1')")
	refused = records.run(
		"try:\n\tfrappe.delete_doc('Sync Provider', 'TD Provider')\n\tanswer = ''\n"
		"except frappe.LinkExistsError as error:\n\tanswer = type(error).__name__"
	)
	assert refused == "LinkExistsError"


def test_a_provider_shows_where_its_webhooks_go(records: Site) -> None:
	url = records.run(
		PUT
		+ "doc = frappe.get_doc('Sync Provider', 'TD Provider'); doc.run_method('onload'); answer = doc.webhook_url"
	)
	assert url.endswith("/api/method/dokos_banksync.api.webhook.receive?provider=TD%20Provider")


# -- what is cleared -----------------------------------------------------------------------------------
def test_old_runs_go_and_the_latest_of_each_connection_stays(records: Site) -> None:
	left = records.run(
		PUT
		+ """
connection("TD-C1"); connection("TD-C2")
run("TD-R1", connection="TD-C1", started_at=add_days(now, -400))
run("TD-R2", connection="TD-C1", started_at=add_days(now, -300))
run("TD-R3", connection="TD-C1", started_at=add_days(now, -10))
run("TD-R4", connection="TD-C2", started_at=add_days(now, -400))
line("TD-L1", connection="TD-C1", run="TD-R1"); line("TD-L2", connection="TD-C1", run="TD-R3")
frappe.get_meta("Sync Run")
from frappe.model.base_document import get_controller
get_controller("Sync Run").clear_old_logs(days=180)
answer = [frappe.get_all("Sync Run", filters={"name": ("like", "TD%")}, pluck="name", order_by="name"),
	frappe.get_all("Sync Line", filters={"name": ("like", "TD%")}, pluck="run", order_by="name")]
"""
	)
	assert left == [["TD-R3", "TD-R4"], [None, "TD-R3"]]


def test_lines_that_distinguish_a_transaction_from_a_new_one_stay(records: Site) -> None:
	left = records.run(
		PUT
		+ """
old = {"modified": add_days(now, -400), "raw": "{}"}
line("TD-BOOKED", bank_transaction="ACC-1", **old)
line("TD-DELETED", reason="Deleted by a user", deleted_transaction="ACC-2", **old)
line("TD-REFUSED", reason="Refused", **old)
line("TD-LOCKED", reason="In a locked period", **old)
line("TD-EARLY", reason="Before the start date", **old)
line("TD-PENDING", state="Pending", reason="Pending at the bank", **old)
line("TD-FUTURE", state="Future", reason="Announced by the bank, not booked yet", **old)
line("TD-REMOVED", state="Removed", reason="Removed by the bank", **old)
line("TD-RECENT", state="Pending", reason="Pending at the bank", raw="{}")
from frappe.model.base_document import get_controller
get_controller("Sync Line").clear_old_logs(days=365)
answer = {row.name: row.raw or "" for row in frappe.get_all("Sync Line", filters={"name": ("like", "TD-%")}, fields=["name", "raw"])}
"""
	)
	assert left == {
		"TD-BOOKED": "", "TD-DELETED": "", "TD-REFUSED": "{}", "TD-LOCKED": "", "TD-EARLY": "", "TD-RECENT": "{}",
	}  # fmt: skip


def test_frappes_own_log_settings_clear_them(site: Site) -> None:
	found = site.run(
		"answer = {d: n for d, n in frappe.get_all('Logs To Clear', fields=['ref_doctype', 'days'], as_list=True)}"
	)
	assert found["Sync Run"] == 180
	assert found["Sync Line"] == 365
	site.run("from frappe.core.doctype.log_settings.log_settings import run_log_clean_up\nrun_log_clean_up()")


# -- categories ----------------------------------------------------------------------------------------
TREE = """
from dokos_banksync.core.records import CategoryChange
from dokos_banksync.hosts.frappe.ledger import FrappeLedger
from dokos_banksync.hosts.frappe.ledger.categories import title_field
from dokos_banksync.hosts.frappe.ledger.fields import named
C = "Bank Transaction Category"
ledger = FrappeLedger()
def of(remote_id):
	return frappe.db.get_value(C, {named(C, "remote_id"): remote_id, named(C, "provider_type"): "TD"})
def drop():
	for name in frappe.get_all(C, filters={named(C, "provider_type"): "TD"}, pluck="name", ignore_permissions=True):
		frappe.db.delete(C, {"name": name})
drop()
ledger.change_categories("TD", [CategoryChange("", "td1", "TD Food", ""), CategoryChange("", "td2", "TD Cafes", "td1"), CategoryChange("", "td3", "TD Rent", "")])
"""


def test_what_a_user_did_to_a_category_is_not_undone(site: Site) -> None:
	after = site.run(
		TREE
		+ """
frappe.db.commit()
cafes = of("td2")
if title_field() == "category":
	frappe.rename_doc(C, cafes, "TD Bars")
else:
	doc = frappe.get_doc(C, cafes); doc.set(title_field(), "TD Bars"); doc.save()
frappe.delete_doc(C, of("td3"))
ledger.change_categories("TD", [CategoryChange("", "td2", "TD Cafes", "td1"), CategoryChange("", "td3", "TD Rent", "")])
stored = {c.remote_id: (c.category_name, c.edited, c.removed) for c in ledger.categories("TD") if c.remote_id.startswith("td")}
shown = frappe.get_list(C, filters={named(C, "provider_type"): "TD"}, pluck=title_field())
answer = [stored, sorted(shown)]
drop()
"""
	)
	assert after == [
		{"td1": ["TD Food", False, False], "td2": ["TD Bars", True, False], "td3": ["TD Rent", False, True]},
		["TD Bars", "TD Food"],
	]


# -- report and dashboards -----------------------------------------------------------------------------
def test_the_report_of_runs_counts_what_the_user_may_see(records: Site) -> None:
	rows = records.run(
		PUT
		+ """
connection("TD-C1")
run("TD-R1", connection="TD-C1", fetched=12, created=5, ended_at=frappe.utils.add_to_date(now, seconds=7), trigger="scheduled")
run("TD-R2", connection="TD-C1", started_at=add_days(now, -3), status="Failed", error_code="BS-X")
frappe.db.commit()
from frappe.desk.query_report import run as report
frappe.local.lang = "fr"
shown_report = report("Sync Runs", filters={"from_date": str(now.date()), "to_date": str(now.date()), "bank": bank})
answer = [[r for r in shown_report["result"] if isinstance(r, dict)], [c["label"] for c in shown_report["columns"]]]
""",
		language="fr",
	)
	assert [
		(row["name"], row["bank"], row["fetched"], row["created"], row["seconds"], row["trigger"])
		for row in rows[0]
	] == [("TD-R1", BANK, 12, 5, 7, "La planification")]
	assert "Importées" in rows[1]


@pytest.mark.parametrize(
	("doctype", "wanted"),
	[
		("Bank", {"Sync Connection"}),
		("Bank Account", {"Sync Line"}),
		("Bank Transaction", {"Sync Line"}),
		("Sync Connection", {"Sync Run", "Sync Line", "Bank Account"}),
		("Sync Provider", {"Sync Connection"}),
		("Sync Run", {"Sync Line"}),
	],
)
def test_dashboards_lead_from_one_to_the_other(site: Site, doctype: str, wanted: set[str]) -> None:
	data = site.run("answer = frappe.get_meta(d).get_dashboard_data()", d=doctype)
	assert wanted <= {item for group in data["transactions"] for item in group["items"]}
	assert data["fieldname"]


def test_the_hosts_own_dashboard_stays(site: Site) -> None:
	if not site.has("Payment Entry"):
		pytest.skip(f"{site.name} has no accounting application")
	data = site.run("answer = frappe.get_meta('Bank Account').get_dashboard_data()")
	assert "Payment Entry" in {item for group in data["transactions"] for item in group["items"]}
