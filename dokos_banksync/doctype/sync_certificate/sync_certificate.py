"""The controller of Sync Certificate: made once, never changed."""

from typing import Any

import frappe
from frappe.model.document import Document

from dokos_banksync.actions.certificate import read_rows


class SyncCertificate(Document):
	"""What was certified about a month of a bank account."""

	def validate(self) -> None:
		"""Refuse changes: a certificate is made once."""
		if not self.is_new():
			frappe.throw(frappe._("A certificate never changes: make another one"))

	@property
	def page(self) -> dict[str, Any]:
		"""Return what stands behind the sums, for the print format."""
		return read_rows(self.rows)
