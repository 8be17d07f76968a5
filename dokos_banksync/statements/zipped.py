"""ZIP archives of statement files, as banks' EBICS and download services deliver them."""

from __future__ import annotations

import io
import zipfile
import zlib

from dokos_banksync.core.errors import InvalidData

MOST_FILES = 1_000
LARGEST = 1 << 30
"""Bytes of all files together, unpacked."""
_OF_SYSTEM = frozenset((".DS_Store", "Thumbs.db", "desktop.ini"))
RATIO = 200
"""Unpacked bytes for a packed one. Statements in XML are packed to a twentieth or a fiftieth."""
SMALL = 1 << 20
"""Bytes up to which any ratio is accepted."""


def members(content: bytes) -> list[bytes] | None:
	"""Return the XML files of an archive in the order of their names; None where it holds anything else.

	Nothing is unpacked before the sizes are known. Raises `InvalidData` for a damaged archive of XML files, and for
	one that is too large.
	"""
	if not zipfile.is_zipfile(io.BytesIO(content)):
		return None
	try:
		with zipfile.ZipFile(io.BytesIO(content)) as archive:
			files = [
				info for info in archive.infolist() if not (info.is_dir() or _is_of_system(info.filename))
			]
			if not files or any(not info.filename.lower().endswith(".xml") for info in files):
				return None
			if any(info.filename == "[Content_Types].xml" for info in files):
				return None
			_refuse_bomb(files)
			return [_unpack(archive, info) for info in sorted(files, key=lambda info: info.filename)]
	except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
		raise InvalidData(
			"The ZIP archive is damaged or protected ({0}): download it again", error
		) from error


def _is_of_system(name: str) -> bool:
	"""Whether a file was added by macOS or Windows, beside the files that a user packed."""
	last = name.rpartition("/")[2]
	return name.startswith("__MACOSX/") or last.startswith("._") or last in _OF_SYSTEM


def _refuse_bomb(files: list[zipfile.ZipInfo]) -> None:
	unpacked, packed = sum(info.file_size for info in files), sum(info.compress_size for info in files)
	if len(files) > MOST_FILES or unpacked > LARGEST or (unpacked > SMALL and unpacked > RATIO * packed):
		raise InvalidData("The ZIP archive holds too much: unpack it, and import its files one by one")


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
	"""Return the file, which is never longer than the archive says: a lie in its size is an error of the format."""
	with archive.open(info) as file:
		return file.read(info.file_size)
