import frappe
from frappe.model.document import Document


class SyncRemoteAccount(Document):
	"""A row of a connection, which judges who may do what. Frappe lets a row be asked for and saved by itself."""

	def has_permission(self, permtype="read", *_args, **options):
		return frappe.has_permission(self.parenttype, permtype, doc=self.parent, user=options.get("user"))

	def validate(self):
		raise frappe.PermissionError

	def on_trash(self):
		self.validate()
