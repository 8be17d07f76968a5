"""The host gains a doctype that we had made: ERPNext or Dokos is installed after us.

Its definition replaces ours, and the table with every row stays. What is left to do is to carry our columns over
into the host's or into fields of our own, and to submit what the host wants submitted. A column without a place in
the host's doctype stays in the table as it is.
"""

from __future__ import annotations

from itertools import chain, count

import frappe
from frappe import _
from frappe.utils.nestedset import rebuild_tree

from dokos_banksync.hosts.frappe import host_doctypes
from dokos_banksync.hosts.frappe.custom_fields import PREFIX
from dokos_banksync.hosts.frappe.ledger.categories import rename
from dokos_banksync.hosts.frappe.ledger.values import title_in

TRANSACTION = "Bank Transaction"
CATEGORY = "Bank Transaction Category"
ACCOUNT = "Bank Account"
_PARENT = "parent_bank_transaction_category"
_OTHER_WORDS = {
	TRANSACTION: {"deposit": "credit", "withdrawal": "debit", "transaction_id": "reference_number"},
}
"""What Dokos calls the same thing."""
_MONEY = ("deposit", "withdrawal")
"""Where the host has the other pair of columns too, both are filled."""


def prepare() -> None:
	"""Prepare for a host's definition, which may require a provider's id to be unique over the site."""
	if not host_doctypes.is_ours(TRANSACTION):
		return
	frappe.db.sql(f"UPDATE `tab{TRANSACTION}` SET transaction_id = NULL WHERE transaction_id = ''")  # noqa: S608
	twice = frappe.db.sql(
		f"SELECT transaction_id, MIN(name) FROM `tab{TRANSACTION}` WHERE transaction_id IS NOT NULL"  # noqa: S608
		" GROUP BY transaction_id HAVING COUNT(*) > 1"
	)
	for transaction_id, first in twice:
		frappe.db.sql(
			f"UPDATE `tab{TRANSACTION}` SET transaction_id = NULL WHERE transaction_id = %s AND name <> %s",  # noqa: S608
			(transaction_id, first),
		)


def migrate_replaced(doctypes: list[str]) -> None:
	"""Migrate our data in doctypes that the host replaces, and notify the administrators."""
	for doctype in doctypes:
		_carry(doctype)
	if CATEGORY in doctypes:
		_name_by_title()
	if ACCOUNT in doctypes and frappe.get_meta(ACCOUNT).has_field("is_company_account"):
		frappe.db.sql(f"UPDATE `tab{ACCOUNT}` SET is_company_account = 1")  # noqa: S608
	if TRANSACTION in doctypes:
		_move_kinds()
		_submit()
	if doctypes:
		_notify_administrators(doctypes)


def _carry(doctype: str) -> None:
	"""Ours goes where the host's name for it is, else into the field that we added under our prefix."""
	meta = frappe.get_meta(doctype)
	for column in _columns(doctype):
		other = _OTHER_WORDS.get(doctype, {}).get(column, PREFIX + column)
		both = column in _MONEY and meta.has_field(other)
		if meta.has_field(column) and column != "reference_number" and not both:
			continue
		if meta.has_field(other) and frappe.db.has_column(doctype, column):
			host_doctypes.fill(doctype, other, column)


def _columns(doctype: str) -> list[str]:
	return [field["fieldname"] for field in host_doctypes.definition(doctype)["fields"]]


def _name_by_title() -> None:
	"""Rename the categories on a host that names them by a unique title and requires one root for all."""
	if frappe.get_meta(CATEGORY).autoname != "field:category":
		return
	taken: set[str] = set()
	found = frappe.db.sql(f"SELECT name, category_name FROM `tab{CATEGORY}` ORDER BY creation, name")  # noqa: S608
	for name, title in found:
		own = _free(title_in(title or name), taken)
		taken.add(own.casefold())
		frappe.db.set_value(CATEGORY, name, "category", own, update_modified=False)
		rename(name, own)
	_put_below_one_root()


def _free(title: str, taken: set[str]) -> str:
	wanted = chain([title], (f"{title} ({number})" for number in count(2)))
	return next(one for one in wanted if one.casefold() not in taken)


def _put_below_one_root() -> None:
	root = _("All categories")
	frappe.db.sql(
		f"UPDATE `tab{CATEGORY}` SET `{_PARENT}` = %s WHERE COALESCE(`{_PARENT}`, '') = ''",  # noqa: S608
		(root,),
	)
	doc = frappe.new_doc(CATEGORY)
	doc.update({"category": root, "is_group": 1})
	doc.flags.ignore_mandatory = doc.flags.ignore_permissions = True
	doc.insert()
	frappe.call(rebuild_tree, doctype=CATEGORY, parent_field=_PARENT)


def _move_kinds() -> None:
	"""Store the provider's type in our own field: the host reads its `transaction_type` as a mode of payment."""
	if not frappe.get_meta(TRANSACTION).has_field("banksync_kind"):
		return
	host_doctypes.fill(TRANSACTION, "banksync_kind", "transaction_type")
	if frappe.db.exists("DocType", "Mode of Payment"):
		frappe.db.sql(
			f"UPDATE `tab{TRANSACTION}` SET transaction_type = NULL WHERE transaction_type NOT IN"  # noqa: S608
			" (SELECT name FROM `tabMode of Payment`)"
		)


def _submit() -> None:
	"""Our bank transactions have no drafts; the host's count once they are submitted."""
	meta = frappe.get_meta(TRANSACTION)
	if meta.is_submittable:
		frappe.db.sql(f"UPDATE `tab{TRANSACTION}` SET docstatus = 1 WHERE docstatus = 0")  # noqa: S608
	if meta.has_field("credit") and not meta.has_field("deposit"):
		frappe.db.sql(
			f"UPDATE `tab{TRANSACTION}` SET unallocated_amount = credit - debit WHERE allocated_amount = 0"  # noqa: S608
		)


def _notify_administrators(doctypes: list[str]) -> None:
	"""In the installer's output, and in the Desk of every System Manager."""
	said = _(
		"{0} are the accounting application's from now on. Every row is still there. Open each Bank Account and give it"
		" its company and its account of the chart: until then, its transactions cannot be reconciled."
	).format(", ".join(_(doctype) for doctype in doctypes))
	print(said)  # noqa: T201
	managers = frappe.get_all(
		"Has Role", filters={"role": "System Manager", "parenttype": "User"}, pluck="parent"
	)
	for user in set(managers) - {"Guest"}:
		frappe.get_doc(
			{"doctype": "Notification Log", "type": "Alert", "for_user": user, "subject": said}
		).insert(ignore_permissions=True)
