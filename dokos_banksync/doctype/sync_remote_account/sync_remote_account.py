"""The controller of Sync Remote Account, a row of a Sync Connection."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.model.document import Document


class SyncRemoteAccount(Document):
	"""A row of a connection, which judges who may do what. Frappe lets a row be asked for and saved by itself."""

	def has_permission(self, permtype: str = "read", *_args: Any, **options: Any) -> bool:
		"""Return whether the user has this right on the connection."""
		return bool(
			frappe.has_permission(self.parenttype, permtype, doc=self.parent, user=options.get("user"))
		)

	def validate(self) -> None:
		"""Refuse to be saved by itself."""
		raise frappe.PermissionError

	def on_trash(self) -> None:
		"""Refuse to be deleted by itself."""
		self.validate()
