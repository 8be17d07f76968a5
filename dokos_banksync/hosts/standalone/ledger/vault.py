"""Secrets at rest: encrypted with a key that is not in the database.

The key comes from the environment variable `BANKSYNC_KEY` or from a file beside the database that only its
owner may read. Several keys, separated by blanks, allow a rotation: the first one encrypts, all of them decrypt.
"""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.provider import Secret

VARIABLE = "BANKSYNC_KEY"


class Vault:
	"""Raises `ConfigurationError` for a key that is none, or a key file that others can read."""

	def __init__(self, key_file: Path) -> None:
		text = os.environ.get(VARIABLE) or _read_key(key_file)
		try:
			self._box = MultiFernet([Fernet(key) for key in text.split()])
		except ValueError as error:
			raise ConfigurationError(
				"The key in {0} or {1} is not valid: put the right one back", VARIABLE, key_file
			) from error

	def lock(self, secret: Secret) -> bytes:
		"""Return the secret encrypted."""
		return self._box.encrypt(secret.reveal().encode())

	def open(self, stored: bytes) -> Secret:
		"""Raises `ConfigurationError` when the secret was locked with another key."""
		try:
			return Secret(self._box.decrypt(stored).decode())
		except InvalidToken as error:
			raise ConfigurationError(
				"A stored secret was locked with another key: put that key back in {0}, or enter the secret again",
				VARIABLE,
			) from error


def _read_key(path: Path) -> str:
	try:
		_make_key(path)
		if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
			raise ConfigurationError("Others can read the key file {0}: run chmod 600 {0}", path)
		return path.read_text(encoding="ascii")
	except (OSError, UnicodeError) as error:
		raise ConfigurationError("The key file {0} cannot be used: {1}", path, error) from error


def _make_key(path: Path) -> None:
	"""Write a new key under another name and sync it to disk first, so that no process ever reads half a key and no
	power cut loses a key that secrets were encrypted with.
	"""
	if path.exists():
		return
	handle, fresh = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".new", dir=path.parent)
	try:
		with os.fdopen(handle, "wb") as file:
			file.write(Fernet.generate_key())
			file.flush()
			os.fsync(file.fileno())
		with suppress(FileExistsError):  # another process was quicker: its key counts
			os.link(fresh, path)
		sync_folder(path.parent)
	finally:
		Path(fresh).unlink()


def sync_folder(folder: Path) -> None:
	"""Make the names in a folder survive a power cut, where the system can do that."""
	if os.name != "posix":
		return
	handle = os.open(folder, os.O_RDONLY)
	try:
		os.fsync(handle)
	finally:
		os.close(handle)
