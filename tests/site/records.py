"""Records of ours on a site, put there without the synchronisation: for lists, rights, reports and clearing."""

from __future__ import annotations

BANK = "Banque des Essais"

PUT = """
from frappe.utils import add_days, now_datetime
bank = 'Banque des Essais'
now = now_datetime()
def put(doctype, name, **fields):
	doc = frappe.get_doc({"doctype": doctype, **fields})
	doc.name = name
	doc.owner = doc.modified_by = fields.get("owner", "Administrator")
	doc.creation = doc.modified = fields.get("modified", now)
	doc.db_insert()
	return doc
def connection(name, **fields):
	return put("Sync Connection", name, bank=bank, provider="TD Provider", status="Active", automatic=1, **fields)
def run(name, **fields):
	return put("Sync Run", name, **{"status": "Success", "started_at": now, "ended_at": now, "trigger": "manual", **fields})
def line(name, **fields):
	known = {"source": "TD", "remote_id": name, "state": "Booked", "date": now.date(), "amount": 1, "currency": "EUR"}
	return put("Sync Line", name, **{**known, "description": name, **fields})
if not frappe.db.exists("Bank", bank):
	frappe.get_doc({"doctype": "Bank", "bank_name": bank}).insert()
if not frappe.db.exists("Sync Provider", "TD Provider"):
	put("Sync Provider", "TD Provider", provider_name="TD Provider", provider_type="Bridge", environment="Sandbox", enabled=1, client_id="i")
"""
CLEAR = """
frappe.db.delete("Sync Run", {"connection": ("like", "TD%")})
for doctype in ("Sync Line", "Sync Run", "Sync Connection", "Sync Provider"):
	for name in frappe.get_all(doctype, filters={"name": ("like", "TD%")}, pluck="name"):
		frappe.db.delete(doctype, {"name": name})
for name in frappe.get_all("Bank Account", filters={"bank": 'Banque des Essais'}, pluck="name"):
	frappe.db.delete("Bank Account", {"name": name})
frappe.db.delete("Bank", {"name": 'Banque des Essais'})
"""
