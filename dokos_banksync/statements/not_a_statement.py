"""Name files that are not readable statements: a web page, a PDF, an archive, an image …"""

from __future__ import annotations

import io
import json
import re
import zipfile

_START = 4096
_SIGNATURES = (
	(b"%PDF", "a PDF document"),
	(b"\x89PNG", "an image (PNG)"),
	(b"\xff\xd8\xff", "an image (JPEG)"),
	(b"GIF8", "an image (GIF)"),
	(b"II*\0", "an image (TIFF)"),
	(b"MM\0*", "an image (TIFF)"),
	(b"RIFF", "an image or a sound"),
	(b"\x1f\x8b", "a GZIP archive"),
	(b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
	(b"Rar!", "a RAR archive"),
	(b"BZh", "a BZIP2 archive"),
	(b"\xfd7zXZ", "an XZ archive"),
	(b"{\\rtf", "a text document (RTF)"),
	(b"SQLite format 3", "a database"),
	(b"MZ", "a program"),
	(b"\x7fELF", "a program"),
	(b"-----BEGIN", "an encrypted message or a certificate"),
)
_LOGIN = re.compile(
	rb"type=[\"']?password|log[ -]?in|sign[ -]?in|session|connexion|anmeld|connectez", re.IGNORECASE
)
_ZIP = b"PK\x03\x04"
_WORKBOOK = ("xl/workbook.xml", "xl/workbook.bin")
_SPREADSHEETS = (b"application/vnd.oasis.opendocument.spreadsheet",)


def describe(content: bytes) -> str | None:
	"""Return in words what the file is, None where it may be a statement."""
	if content.startswith((b"PK\x05\x06", _ZIP)):
		return _archive(content)
	for signature, name in _SIGNATURES:
		if content.startswith(signature):
			return name
	text = _text(content[:_START])
	return _markup(text, content) or _data(text, content)


def _text(start: bytes) -> str:
	encoding = "utf-16" if start.startswith((b"\xff\xfe", b"\xfe\xff")) else "latin-1"
	return start.decode(encoding, "ignore").lstrip("\ufeffï»¿ \r\n\t")


def _markup(text: str, content: bytes) -> str | None:
	head = text[:1000].lower()
	if head.startswith("<?xml") and "urn:schemas-microsoft-com:office:spreadsheet" in text.lower():
		return "an Excel sheet as XML (SpreadsheetML 2003)"
	head = re.sub(r"^<\?xml[^>]*\?>\s*", "", head)
	if head.startswith("<!doctype html") or re.match(r"<(?:html|head|body|table|script|!--)\b", head):
		login = _LOGIN.search(content[: 16 * _START]) and b"<table" not in content.lower()[: 64 * _START]
		return "a web page with a login" if login else "a web page (HTML)"
	if head.startswith("<svg"):
		return "an image (SVG)"
	return None


def _data(text: str, content: bytes) -> str | None:
	if not text.startswith(("{", "[")):
		return None
	try:
		json.loads(content)
	except (ValueError, RecursionError):
		return "data (JSON)" if re.match(r"[\[{]\s*[\"{\[]", text) and '":' in text else None
	return "data (JSON)"


def _archive(content: bytes) -> str | None:
	"""A ZIP archive is a workbook, a document, or several files."""
	try:
		with zipfile.ZipFile(io.BytesIO(content)) as archive:
			names = archive.namelist()
	except (zipfile.BadZipFile, ValueError, OSError):
		return None
	if any(name in names for name in _WORKBOOK) or any(kind in content[:200] for kind in _SPREADSHEETS):
		return None
	if "word/document.xml" in names:
		return "a text document (DOCX)"
	if "mimetype" in names or "[Content_Types].xml" in names:
		return None if any(name.startswith("xl/") for name in names) else "a document that is not a workbook"
	return "a ZIP archive: unpack it and import the files in it one by one"
