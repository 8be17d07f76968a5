"""Locks of the operating system, which go with the process that held them."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from dokos_banksync.core.errors import Busy, ConfigurationError


@contextmanager
def hold(folder: Path, connection: str) -> Iterator[None]:
	"""One run at a time per connection.

	Raises `Busy` while another process, or another thread of this one, holds the connection.
	"""
	with _lock_file(folder, connection) as file:
		try:
			fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
		except BlockingIOError as error:
			raise Busy("{0} is being fetched already: wait for that run to end", connection) from error
		yield


@contextmanager
def wait_for(folder: Path, name: str) -> Iterator[None]:
	"""Wait until nobody else holds the name, then hold it."""
	with _lock_file(folder, name) as file:
		fcntl.flock(file, fcntl.LOCK_EX)
		yield


def _lock_file(folder: Path, name: str) -> TextIO:
	try:
		folder.mkdir(mode=0o700, exist_ok=True)
		return (folder / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.lock").open("w")
	except OSError as error:
		raise ConfigurationError(
			"The folder {0} cannot be used ({1}): choose another with --home or BANKSYNC_HOME",
			*(folder, error.strerror),
		) from error
