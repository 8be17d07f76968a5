"""The lists of banks, in the site's Redis cache: they can be cleared at any time."""

from __future__ import annotations

from contextlib import suppress

import frappe

from dokos_banksync.core.errors import TemporaryError
from dokos_banksync.hosts.frappe.progress import cache
from dokos_banksync.hosts.frappe.queue import QUEUE, refused

_SECONDS = 30 * 24 * 3600
_REFRESHING = 600
"""Seconds within which a list is not put on the queue a second time."""


class InstitutionCache:
	"""`ListCache` in Redis; keys are those of the site."""

	def __init__(self) -> None:
		self.scope = f"site {frappe.local.site}"

	def stamp(self, provider: str) -> str:
		"""Return the stamp of the stored list, or an empty text."""
		return str(cache().get_value(_key("stamp", provider), expires=True) or "")

	def read(self, provider: str) -> str:
		"""Return the stored list, or an empty text."""
		return str(cache().get_value(_key("list", provider), expires=True) or "")

	def write(self, provider: str, stamp: str, text: str) -> None:
		"""Store the list, then the stamp that makes it count."""
		cache().set_value(_key("list", provider), text, expires_in_sec=_SECONDS)
		cache().set_value(_key("stamp", provider), stamp, expires_in_sec=_SECONDS)


def refresh_soon(provider: str) -> None:
	"""Enqueue a refresh of a provider's list, at most once in ten minutes.

	If the queue accepts no job, the list stays as it is until it is requested again.
	"""
	mark = _key("refreshing", provider)
	if cache().get_value(mark, expires=True):
		return
	cache().set_value(mark, 1, expires_in_sec=_REFRESHING)
	with suppress(TemporaryError), refused():
		frappe.enqueue("dokos_banksync.tasks.refresh_institutions", queue=QUEUE, provider=provider)


def _key(part: str, provider: str) -> str:
	return f"banksync_institutions:{part}:{provider}"
