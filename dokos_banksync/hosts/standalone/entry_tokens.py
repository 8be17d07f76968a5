"""Tokens that let a browser into the site: each opens it once, within ten minutes.

A token stands in the address that is opened, so other users of the machine may see it in a list of processes. Only its
SHA-256 digest is stored, as the name of a file in the home folder: any process of the owner can issue a token, and
deleting the file is atomic, so that one browser alone redeems it.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from dokos_banksync.core.clock import utc_now
from dokos_banksync.core.provider import Clock

FOLDER = "entry"
VALID = timedelta(minutes=10)


class EntryTokens:
	"""The tokens of one home folder, by the machine's clock, which all its programs share."""

	def __init__(self, home: Path, clock: Clock = utc_now) -> None:
		self._folder = home / FOLDER
		self.clock = clock

	def issue(self) -> str:
		"""Return a new token; those that have expired are deleted."""
		self._folder.mkdir(mode=0o700, exist_ok=True)
		for path in self._folder.iterdir():
			if self._expiry(path) <= self.clock():
				path.unlink(missing_ok=True)
		token = secrets.token_urlsafe(24)
		path = self._folder / _digest(token)
		with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
			file.write((self.clock() + VALID).isoformat())
		return token

	def redeem(self, token: str) -> bool:
		"""Use a token up; return whether it was valid."""
		path = self._folder / _digest(token)
		expiry = self._expiry(path)
		try:
			path.unlink()
		except OSError:  # unknown, or another request was quicker
			return False
		return self.clock() < expiry

	def _expiry(self, path: Path) -> datetime:
		"""Return when a token expires; one that cannot be read has expired."""
		with suppress(OSError, ValueError):
			return datetime.fromisoformat(path.read_text(encoding="ascii"))
		return self.clock()


def _digest(token: str) -> str:
	return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
