from frappe.model.document import Document

from dokos_banksync.shell.keeping import keep_the_rest


class SyncConnection(Document):
	def validate(self):
		keep_the_rest(self)
