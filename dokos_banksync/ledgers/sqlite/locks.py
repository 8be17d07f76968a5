"""One run at a time per connection: a lock of the operating system, which goes with the process that held it."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dokos_banksync.errors import Busy


@contextmanager
def hold(folder: Path, connection: str) -> Iterator[None]:
	"""Raises `Busy` while another process, or another thread of this one, holds the connection."""
	folder.mkdir(mode=0o700, exist_ok=True)
	name = hashlib.sha256(connection.encode()).hexdigest()[:16]
	with (folder / f"{name}.lock").open("w") as file:
		try:
			fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
		except BlockingIOError as error:
			raise Busy("{0} is being fetched already: wait for that run to end", connection) from error
		yield
