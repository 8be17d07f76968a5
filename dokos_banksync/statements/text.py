"""Bytes to text, when nobody says how they were written, or says it wrongly."""

from __future__ import annotations

import codecs
from typing import NamedTuple

from dokos_banksync.core.errors import InvalidData

_MARKS = (
	(codecs.BOM_UTF8, "utf-8-sig"),
	(codecs.BOM_UTF16_LE, "utf-16"),
	(codecs.BOM_UTF16_BE, "utf-16"),
)


class Text(NamedTuple):
	text: str
	encoding: str
	remarks: tuple[str, ...] = ()


def decode(content: bytes) -> Text:
	"""By its mark, else UTF-8, else Windows-1252, else Latin-1, which reads anything and so proves nothing.

	Raises `InvalidData` for what is no text.
	"""
	for mark, encoding in _MARKS:
		if content.startswith(mark):
			return _strict(content, encoding)
	if b"\0" in content:
		raise InvalidData("The file is no text: export it from the bank again, as CSV, XLSX or OFX")
	try:
		return Text(content.decode("utf-8"), "utf-8")
	except UnicodeDecodeError:
		return _not_utf8(content)


def _strict(content: bytes, encoding: str) -> Text:
	try:
		return Text(content.decode(encoding), encoding)
	except UnicodeDecodeError as error:
		raise InvalidData("The file says that it is {0}, and is not: export it again", encoding) from error


def _not_utf8(content: bytes) -> Text:
	lines = content.splitlines(keepends=True)
	if any(not line.isascii() and _reads(line, "utf-8") for line in lines):
		mixed = "".join(
			line.decode("utf-8" if _reads(line, "utf-8") else "cp1252", "replace") for line in lines
		)
		remark = "The file mixes UTF-8 and Windows-1252: check the accents of the labels"
		return Text(mixed, "utf-8, cp1252", (remark,))
	if _reads(content, "cp1252"):
		return Text(content.decode("cp1252"), "cp1252")
	remark = "The encoding of the file is not certain: check the accents of the labels"
	return Text(content.decode("latin-1"), "latin-1", (remark,))


def _reads(content: bytes, encoding: str) -> bool:
	try:
		content.decode(encoding)
	except UnicodeDecodeError:
		return False
	return True
