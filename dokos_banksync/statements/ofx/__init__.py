"""OFX 1 (SGML) and OFX 2 (XML), and QFX, which is OFX: https://financialdataexchange.org/ofx

The library ofxtools builds a tree of what follows the specification, and raises for a file in which anything does
not: small letters, a namespace, CDATA, `<BR/>` in a text, a part of a file. Its versions differ in this. Banks write
all of these, so the file is read by the scanner of `sgml`, which needs no tree; ofxtools is its reference in the
tests.
"""

from __future__ import annotations

import re

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.message import Message
from dokos_banksync.statements.contract import ReadingOptions, Statement
from dokos_banksync.statements.ofx.scan import Found, scan
from dokos_banksync.statements.ofx.statements import part_of
from dokos_banksync.statements.parts import join
from dokos_banksync.statements.text import decode

_START = re.compile(
	r"(?:^|>)[ï»¿ÿþ\s]*(?:<(?:\w+:)?OFX[\s>]|OFXHEADER\s*[:=]|<\?OFX\s)|\A[ï»¿\s]*<BANKTRANLIST>",
	re.IGNORECASE | re.MULTILINE,
)
"""The letters are a byte order mark read as Latin-1."""
_LOOKED_AT = 4096
_LIE = "The file says that it is {0}, and is {1}: it was read as what it is"
_INVESTMENT = "Statements of investment accounts were left out: they are not read"
_FRAGMENT = "The file is a part of an OFX file and does not name its account"
_ENCODING = re.compile(r"\b(ENCODING|CHARSET)\s*[:=]\s*[\"']?([\w-]+)", re.IGNORECASE)
_UNICODE = ("UTF-8", "UNICODE")


def knows(content: bytes) -> bool:
	"""Whether an OFX header or element begins a line near the start."""
	head = content[:_LOOKED_AT]
	wide = head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"<\0" in head or b"\0<" in head
	text = head.decode("latin-1").replace("\0", "") if wide else head.decode("latin-1")
	return bool(_START.search(text))


def read(content: bytes, options: ReadingOptions) -> Statement:
	"""Raises `InvalidData` for a file that is cut off, holds no bank statement, or has more rows than allowed."""
	text, encoding, remarks = decode(content)
	found = scan(text, options.most)
	_refuse(found)
	notes = [*remarks, *_lies(text, encoding)]
	notes += [_INVESTMENT] if found.investments else []
	notes += [_FRAGMENT] if found.fragment else []
	parts = [part_of(statement, options, notes) for statement in found.statements]
	parts.sort(key=lambda part: part.card)
	joined = join([part.part for part in parts])
	version = "OFX 2" if "<?OFX" in text[:_LOOKED_AT].upper() else "OFX 1"
	return Statement(version, joined.accounts, (*dict.fromkeys(notes), *joined.remarks))


def _refuse(found: Found) -> None:
	"""Say why there is nothing to read."""
	if not found.begun:
		raise InvalidData("The OFX file ends before its data: download it again")
	if not found.whole:
		raise InvalidData("The OFX file is cut off: download it again")
	if found.statements:
		return
	if found.investments:
		raise InvalidData(
			"The OFX file is of an investment account, which is not read: choose the cash account"
		)
	if found.message:
		raise InvalidData("The OFX file is an answer of the bank without a statement: {0}", found.message)
	raise InvalidData("The OFX file holds no statement: it may be an answer with an error in it")


def _lies(text: str, encoding: str) -> list[str]:
	"""Return a header that names another encoding than the one the file is in; CHARSET counts beside USASCII."""
	head = text[:_LOOKED_AT].partition("<OFX>")[0]
	named = {kind.upper(): name for kind, name in _ENCODING.findall(head)}
	stated = named.get("ENCODING", "")
	if stated.upper() not in _UNICODE:
		stated = named.get("CHARSET", stated)
	if text.isascii() or not stated or (stated.upper() in _UNICODE) == encoding.startswith("utf-"):
		return []
	return [Message(_LIE, stated, encoding)]
