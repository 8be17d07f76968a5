"""The lists of banks, as files of the home folder: they can be deleted at any time."""

from __future__ import annotations

import hashlib
from pathlib import Path
from tempfile import NamedTemporaryFile

FOLDER = "institutions"


class InstitutionFiles:
	"""`ListCache` in a folder. The first line of a file is its stamp."""

	def __init__(self, home: Path) -> None:
		self._folder = home / FOLDER
		self.scope = str(self._folder)

	def stamp(self, provider: str) -> str:
		"""Return the stamp of the stored list, or an empty text."""
		try:
			with self._path(provider).open(encoding="utf-8") as stored:
				return stored.readline().strip()
		except FileNotFoundError:
			return ""

	def read(self, provider: str) -> str:
		"""Return the stored list, or an empty text."""
		try:
			return self._path(provider).read_text(encoding="utf-8").partition("\n")[2]
		except FileNotFoundError:
			return ""

	def write(self, provider: str, stamp: str, text: str) -> None:
		"""Replace the file atomically: a reader sees the old list or the new one."""
		self._folder.mkdir(mode=0o700, exist_ok=True)
		with NamedTemporaryFile("w", encoding="utf-8", dir=self._folder, delete=False) as written:
			written.write(f"{stamp}\n{text}")
		Path(written.name).replace(self._path(provider))

	def _path(self, provider: str) -> Path:
		"""Return the file of a provider, whose name may hold any character."""
		return self._folder / f"{hashlib.sha256(provider.encode()).hexdigest()[:16]}.list"
