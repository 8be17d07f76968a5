"""Frappe's map of apps and their modules, which it caches in Redis and in each process.

A process that started before the app was on the bench, or read the map from a Redis that did not know the app yet,
finds no module of ours: `install-app` then creates no doctype and says nothing. Clearing the cache does not refresh
the map of the process that clears it.
"""

from __future__ import annotations

import frappe

APP = "dokos_banksync"
_KEYS = (
	"all_apps",
	"app_hooks",
	"app_modules",
	"installed_app_modules",
	"module_app",
	"module_installed_app",
)


def refresh() -> None:
	"""Rebuild the map from the bench's files, in Redis and in this process."""
	stores = [
		frappe.cache() if callable(frappe.cache) else frappe.cache,
		getattr(frappe, "client_cache", None),
	]
	for store in filter(None, stores):
		for key in _KEYS:
			store.delete_value(key)
	frappe.setup_module_map()
	_add_ours()


def _add_ours() -> None:
	"""A worker that is older than the app may have put its own map back meanwhile."""
	modules = [frappe.scrub(module) for module in frappe.get_module_list(APP)]
	frappe.local.app_modules[APP] = modules
	frappe.local.module_app.update(dict.fromkeys(modules, APP))
