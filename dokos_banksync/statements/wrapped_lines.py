"""Tables whose lines are each one quoted cell: `"2026-11-02;""LIDL"";-20,15"`.

A spreadsheet writes them when it opens a file under the wrong delimiter and saves it again: each line stands in the first
column, and empty columns may follow.
"""

from __future__ import annotations

import re

REMARK = "Each line of the file is quoted as a whole: the quotes around the lines were left out"

_LINE = re.compile(r"[^\r\n]+")
_WRAPPED = re.compile(r'"((?:[^"\r\n]|"")*)"[;,\t]*')
_DELIMITER = re.compile(r"[;,\t|]")
_SAMPLE = 100
_MOSTLY = 0.5


def unwrap(text: str) -> str:
	"""Return the text without the quotes around its lines; the text itself where most lines are not quoted as a whole."""
	if '"' not in text[:4096]:
		return text
	lines = [found[0] for _, found in zip(range(_SAMPLE), _LINE.finditer(text), strict=False)]
	wrapped = sum(_is_wrapped(line) for line in lines)
	if not lines or wrapped <= _MOSTLY * len(lines):
		return text
	return _LINE.sub(lambda found: _unwrapped(found[0]), text)


def _is_wrapped(line: str) -> bool:
	found = _WRAPPED.fullmatch(line.strip())
	return found is not None and _DELIMITER.search(found[1]) is not None


def _unwrapped(line: str) -> str:
	found = _WRAPPED.fullmatch(line.strip())
	return found[1].replace('""', '"') if found else line
