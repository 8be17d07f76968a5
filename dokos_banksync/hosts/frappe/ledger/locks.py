"""Locks that all workers and servers of a site share, and that go with the process that held them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager

import frappe
from frappe.utils.synchronization import filelock

from dokos_banksync.core.errors import Busy
from dokos_banksync.hosts.frappe.ledger import sql
from dokos_banksync.hosts.storage.dialect import Server

_PAUSE = 0.05
"""Seconds."""


@contextmanager
def hold(name: str, wait: float = 0, connection: str = "") -> Iterator[None]:
	"""Hold a name, waiting up to so many seconds for it. Raises `Busy` while another holds it.

	`connection` is the one that is being fetched; without it the work is of another kind.
	"""
	with _kinds.get(frappe.db.db_type, _file_lock)(name, wait, connection):
		yield


@contextmanager
def _mariadb_lock(name: str, wait: float, connection: str) -> Iterator[None]:
	"""A lock of the database session: it outlives commits, and ends with the connection."""
	key = _key(name)
	held = _held_here()
	if key in held or not _value("SELECT GET_LOCK(%s, %s)", key, wait):
		raise _busy(connection)
	held.add(key)
	try:
		yield
	finally:
		held.discard(key)
		_value("SELECT RELEASE_LOCK(%s)", key)


@contextmanager
def _postgres_lock(name: str, wait: float, connection: str) -> Iterator[None]:
	key = int(hashlib.sha256(_key(name).encode()).hexdigest()[:15], 16)
	held = _held_here()
	if str(key) in held or not _taken_in_time(key, wait):
		raise _busy(connection)
	held.add(str(key))
	try:
		yield
	finally:
		held.discard(str(key))
		sql.recover()
		_value("SELECT pg_advisory_unlock(%s)", key)


def _taken_in_time(key: int, wait: float) -> bool:
	"""Asked again and again: a wait that the server breaks off would end the transaction with it."""
	until = time.monotonic() + wait
	while not _value("SELECT pg_try_advisory_lock(%s)", key):
		if time.monotonic() >= until:
			return False
		time.sleep(_PAUSE)
	return True


@contextmanager
def _file_lock(name: str, wait: float, connection: str) -> Iterator[None]:
	"""Where the database has no such locks (SQLite), the site is on one machine."""
	key = _key(name)
	held = _held_here()
	if key in held:
		raise _busy(connection)
	try:
		with filelock(key.replace(".", "_"), timeout=max(wait, 0.01)):
			held.add(key)
			try:
				yield
			finally:
				held.discard(key)
	except frappe.utils.synchronization.LockTimeoutError as error:
		raise _busy(connection) from error


_kinds = {Server.MARIADB: _mariadb_lock, Server.POSTGRES: _postgres_lock}


def _value(statement: str, *values: object) -> object:
	return sql.value(statement, values)


def _held_here() -> set[str]:
	"""A session may take its own lock twice; two parts of one process may not."""
	if not hasattr(frappe.local, "banksync_held"):
		frappe.local.banksync_held = set()
	held: set[str] = frappe.local.banksync_held
	return held


def _key(name: str) -> str:
	"""MariaDB's names are 64 characters, and of the whole server."""
	site = hashlib.sha256(f"{frappe.conf.db_name}\0{name}".encode()).hexdigest()[:40]
	return f"banksync.{site}"


def _busy(connection: str) -> Busy:
	if connection:
		return Busy("{0} is being fetched already: wait for that run to end", connection)
	return Busy("Another process is doing this now: wait a moment and try again")
