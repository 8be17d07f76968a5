"""Bytes to text, where the encoding is not stated, or stated wrongly."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from typing import NamedTuple

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.message import Message
from dokos_banksync.statements.vocabulary import meanings

_MARKS = (
	(codecs.BOM_UTF8, "utf-8-sig"),
	(codecs.BOM_UTF16_LE, "utf-16"),
	(codecs.BOM_UTF16_BE, "utf-16"),
)
_LETTERS = frozenset(
	"äöüßÄÖÜéèêëàâçîïôùûœÉÈÊÀÂÇÎÔñáíóúÑÁÍÓÚìòãõÃÕåÅæøÆØąćęłńśźżĄĆĘŁŃŚŹŻčďěňřšťůýžČĎĚŇŘŠŤŮÝŽľĺŕĽőűŐŰăâîșțşţĂÂÎȘȚŞŢ"
)
"""Letters with accents of the languages that statements are written in."""
_SIGNS = frozenset("€£§°²³µ«»’‘“”–…·¿¡ºªŒœ\u00a0")
_EXPONENTS, _LONGEST_UNIT = "²³", 3
"""`km²` ends with a sign, and in `Tytu³` a letter is read in the wrong code page."""
_NO_TEXT = "The file is not text: export it from the bank again, as CSV, XLSX or OFX"
_UNCERTAIN = "The encoding of the file is not certain ({0}): check the accents of the labels"
_WORD = re.compile(r"[^\W\d_]*[^\x00-\x7f]+[^\W\d_]*")
_BYTES = re.compile(rb"[A-Za-z\x80-\xff]+")
"""A word in ASCII or in the letters of a code page."""
_CANDIDATES = (
	"cp1252",
	"cp850",
	"mac-roman",
	"latin-1",
	"iso8859-15",
	"cp1250",
	"iso8859-2",
	"cp1257",
	"cp1253",
)
_HEAD = 20
"""Lines in which the titles of a table are looked for."""
_BETWEEN_CELLS = re.compile(r"[;,|\t\n]")
_ZEROS = 0.3
"""Share of zero bytes on one side of the pairs that makes a text UTF-16."""
_SAMPLE = 4000
_PADDING = 4
"""Zero bytes at the end of a file that are no part of a letter."""
_SHORTEST = 8
"""Bytes by which a text is recognized as UTF-16."""


class Text(NamedTuple):
	"""Decoded text, its encoding, and remarks for the user."""

	text: str
	encoding: str
	remarks: tuple[str, ...] = ()


def decode(content: bytes) -> Text:
	"""Decode by the byte order mark, else as UTF-8, else as the code page with the fewest unlikely characters.

	Raises `InvalidData` for what is not text.
	"""
	for mark, encoding in _MARKS:
		if content.startswith(mark):
			return _strict(content, encoding)
	if b"\0" in content:
		content = _without_padding(content)
	if b"\0" in content:
		return _utf16(content)
	try:
		return Text(content.decode("utf-8"), "utf-8")
	except UnicodeDecodeError:
		return _code_page(content)


def _without_padding(content: bytes) -> bytes:
	"""Return the content without the zeros that a system pads the last block of a file with."""
	bare = content.rstrip(b"\0")
	return bare if len(content) - len(bare) >= _PADDING else content


def _utf16(content: bytes) -> Text:
	"""UTF-16 without its mark: every other byte of most letters is zero."""
	if len(content) < _SHORTEST:
		raise InvalidData(_NO_TEXT)
	sample = content[:_SAMPLE]
	pairs = max(len(sample) // 2, 1)
	for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
		if sample[start::2].count(0) > _ZEROS * pairs and sample[1 - start :: 2].count(0) == 0:
			return _strict(content[: len(content) // 2 * 2], encoding)
	raise InvalidData(_NO_TEXT)


def _strict(content: bytes, encoding: str) -> Text:
	try:
		return Text(content.decode(encoding), encoding)
	except UnicodeDecodeError as error:
		raise InvalidData("The file says that it is {0}, and is not: export it again", encoding) from error


def _code_page(content: bytes) -> Text:
	lines = content.splitlines(keepends=True)
	if any(not line.isascii() and _reads(line, "utf-8") for line in lines):
		mixed = "".join(
			line.decode("utf-8" if _reads(line, "utf-8") else "cp1252", "replace") for line in lines
		)
		return Text(
			mixed,
			"utf-8, cp1252",
			("The file mixes UTF-8 and Windows-1252: check the accents of the labels",),
		)
	words = b"\n".join({word for word in _BYTES.findall(content) if not word.isascii()})
	possible = [encoding for encoding in _CANDIDATES if _reads(words, encoding)]
	faults = {encoding: _faults(words.decode(encoding)) for encoding in possible}
	best = _by_titles(sorted(possible, key=lambda encoding: faults[encoding]), content)
	if best == "cp1252" and not faults[best]:
		return Text(content.decode(best), best)
	return Text(content.decode(best), best, (Message(_UNCERTAIN, best),))


def _by_titles(encodings: Sequence[str], content: bytes) -> str:
	"""Return the encoding that makes most cells of the first lines known titles, the likeliest among equal ones."""
	head = b"\n".join(content.splitlines()[:_HEAD])
	known = {one: sum(bool(meanings(cell)) for cell in _cells(head.decode(one))) for one in encodings}
	return max(encodings, key=lambda one: known[one])


def _cells(text: str) -> list[str]:
	return [cell.strip(' "') for cell in _BETWEEN_CELLS.split(text) if cell and not cell.isascii()]


def _faults(text: str) -> int:
	"""Return how many characters are unlikely where they stand: control characters, signs inside words."""
	faults = 0
	for word in set(_WORD.findall(text)):
		for place, letter in enumerate(word):
			if letter.isascii() or letter in _LETTERS:
				faults += 2 * (place > 0 and letter.isupper() and word[place - 1].islower())
			elif letter not in _SIGNS or 0 < place < len(word) - 1:
				faults += 3
			elif letter in _EXPONENTS and place >= _LONGEST_UNIT:
				faults += 1
	return faults + 3 * sum("\x80" <= letter < "\xa0" for letter in text)


def _reads(content: bytes, encoding: str) -> bool:
	try:
		content.decode(encoding)
	except UnicodeDecodeError:
		return False
	return True
