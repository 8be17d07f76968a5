"""Locks of the operating system: they exclude other processes and other threads, and end with their process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from dokos_banksync.core.errors import Busy, ConfigurationError
from dokos_banksync.core.message import reason_of

_AT_ONCE, _FOR_EVER = 0, -1


@contextmanager
def hold(folder: Path, connection: str) -> Iterator[None]:
	"""Allow one run at a time per connection.

	Raise `Busy` at once while another process, or another thread of this one, holds the connection.
	"""
	lock = _acquire(folder, connection, _AT_ONCE)
	if lock is None:
		raise Busy("{0} is being fetched already: wait for that run to end", connection)
	try:
		yield
	finally:
		lock.release()


@contextmanager
def wait_for(folder: Path, name: str) -> Iterator[None]:
	"""Wait until the name is free, then hold it."""
	lock = _acquire(folder, name, _FOR_EVER)
	try:
		yield
	finally:
		if lock:
			lock.release()


def _acquire(folder: Path, name: str, timeout: float) -> FileLock | None:
	"""Return the acquired lock, or None where it is held by another for longer than `timeout` seconds.

	Each call makes a lock object of its own: one object could be acquired twice by its holder.
	"""
	try:
		folder.mkdir(mode=0o700, exist_ok=True)
		lock = FileLock(folder / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.lock")
		lock.acquire(timeout=timeout, poll_interval=0.02)
	except Timeout:
		return None
	except OSError as error:
		raise ConfigurationError(
			"The folder {0} cannot be used ({1}): choose another with --home or BANKSYNC_HOME",
			folder,
			reason_of(error),
		) from error
	return lock
