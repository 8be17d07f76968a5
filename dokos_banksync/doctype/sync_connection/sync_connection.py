from frappe.model.document import Document

from dokos_banksync.hosts.frappe.document_guards import keep_the_rest, stay_with_its_lines


class SyncConnection(Document):
	def validate(self):
		keep_the_rest(self)

	def on_trash(self):
		stay_with_its_lines(self)
