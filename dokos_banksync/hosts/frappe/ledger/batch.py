"""The batch of a Frappe site."""

from __future__ import annotations

import frappe

from dokos_banksync.hosts.storage.batch import Batch


class FrappeBatch(Batch):
	"""See `Batch`."""

	retry = frappe.QueryDeadlockError
	"""A job that raises it is started again, as after a deadlock."""
