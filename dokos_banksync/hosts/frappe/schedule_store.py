"""The schedule of a Frappe site's connections."""

from __future__ import annotations

from dokos_banksync.hosts.frappe.ledger.database import FrappeDatabase
from dokos_banksync.hosts.frappe.ledger.values import FrappeCodec
from dokos_banksync.hosts.storage.schedule_store import StoredSchedule


class FrappeScheduleStore(StoredSchedule):
	"""`ScheduleStore` on the Sync Connections of the site."""

	def __init__(self) -> None:
		super().__init__(FrappeDatabase(), FrappeCodec())
