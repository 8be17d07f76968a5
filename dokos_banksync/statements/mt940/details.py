"""Field :86: of MT940, which each country's banks fill in their own way.

- German (also Austrian, Polish, some Swiss banks): a three-digit code, then sub-fields of two digits behind a sign that
  the code is followed by: `166?00GUTSCHRIFT?20SVWZ+Rechnung 7?31DE…?32Name`. Source: Deutsche Kreditwirtschaft,
  "DFÜ-Abkommen, Anlage 3", chapter on MT940.
- Dutch: words between slashes: `/TRTP/SEPA OVERBOEKING/IBAN/NL…/NAME/…/REMI/…`. Sources: the format descriptions of
  ING, Rabobank and ABN AMRO.
- Anything else is text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from dokos_banksync.core.iban import as_iban

_CODED = re.compile(r"\s*(\d{3})([^\w\s])(?=\d\d)")
_POLISH = re.compile(r"\s*([\^~<])(?=\d\d)")
_SEPA = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|IBAN|BIC|BREF|RREF|PURP|COAM|OAMT|ANAM)\+")
_SLASHED = re.compile(
	r"/(TRTP|IBAN|BIC|NAME|REMI|EREF|MARF|CSID|CNTP|ORDP|BENM|ISDT|RTRN|PREF|PURP|ULTD|ULTB|ULTC|SVCL|NRTX|ADDR|OCMT"
	r"|TRCD|PINF|CREF|IREF|OAMT|EXCH|CHGS|VALD|CODE)(?=/)"
)
_STRUCTURED = re.compile(r"^/?(?:USTD//|STRD/(?:CUR|ISO)?/)")
_PIECE = 27
"""Characters of a full sub-field of the purpose: the text goes on in the next one without a blank."""
_PURPOSE = (*(f"{n}" for n in range(20, 30)), *(f"{n}" for n in range(60, 66)))
_UNKNOWN = frozenset(("NOTPROVIDED", "NONREF", ""))


class Details(NamedTuple):
	"""What :86: says of a row."""

	label: str
	party_name: str = ""
	party_iban: str = ""
	reference: str = ""
	kind: str = ""


def parse_details(values: Sequence[str]) -> Details:
	"""Return what the values of :86: say; several of them are joined."""
	text = "\n".join(values)
	coded = _CODED.match(text)
	if coded:
		return _coded(text[coded.end() :], coded[2], coded[1])
	polish = _POLISH.match(text)
	if polish:
		return _coded(text[polish.end() :], polish[1], "")
	flat = text.replace("\n", "")
	if len(_SLASHED.findall(flat)) > 1:
		return _slashed(flat)
	return Details(_plain(text))


def _plain(text: str) -> str:
	return " ".join(text.split())


def _coded(text: str, sign: str, code: str) -> Details:
	fields: dict[str, str] = {}
	last = ""
	for piece in text.replace("\n", "").split(sign):
		key, value = piece[:2], piece[2:]
		if key.isdigit() and len(key) == 2:
			fields[key] = f"{fields[key]}{value}" if key in fields else value
			last = key
		elif fields:
			fields[last] += sign + piece  # the sign stands in a text
	purpose = _joined([fields[key] for key in _PURPOSE if key in fields])
	sepa = _words(purpose, _SEPA)
	name = _joined([fields[key] for key in ("32", "33") if key in fields])
	written = sepa.get("SVWZ") or sepa.get("", "")
	reference = next((sepa[key] for key in ("EREF", "KREF", "MREF") if sepa.get(key, "") not in _UNKNOWN), "")
	label = " ".join(filter(None, (name, written))) or _plain(fields.get("00", ""))
	kind = _plain(fields.get("00", "")) or code
	iban = as_iban(fields.get("38", "")) or as_iban(fields.get("31", "")) or as_iban(sepa.get("IBAN", ""))
	return Details(label=label, party_name=name, party_iban=iban, reference=reference, kind=kind)


def _joined(pieces: Sequence[str]) -> str:
	"""Return the pieces of a text that was cut at a fixed width. A word that begins a piece of its own stays apart."""
	text = "".join(pieces[:1])
	for before, piece in pairwise(pieces):
		new_word = len(before) < _PIECE or _SEPA.match(piece)
		text += f" {piece}" if new_word else piece
	return _plain(text)


def _words(text: str, marks: re.Pattern[str]) -> dict[str, str]:
	"""Split a text at its key words; what stands before the first one has the key ''."""
	pieces = marks.split(text)
	found = {"": pieces[0].strip()}
	for key, value in zip(pieces[1::2], pieces[2::2], strict=True):
		found.setdefault(key, value.strip())
	return found


def _slashed(text: str) -> Details:
	words = {key: value.strip("/ ") for key, value in _words(text, _SLASHED).items()}
	other = next((words[key] for key in ("CNTP", "ORDP", "BENM") if key in words), "").split("/")
	nested = _words("/" + "/".join(other), _SLASHED)
	name = words.get("NAME") or nested.get("NAME", "").strip("/ ") or (other[2] if len(other) > 2 else "")
	iban = as_iban(words.get("IBAN", "")) or as_iban(other[0])
	written = _STRUCTURED.sub("", words.get("REMI", "")).strip("/ ")
	reference = words.get("EREF", "")
	label = " ".join(filter(None, (_plain(name), _plain(written)))) or _plain(words.get("TRTP") or text)
	return Details(
		label=label,
		party_name=_plain(name),
		party_iban=iban,
		reference="" if reference in _UNKNOWN else _plain(reference),
		kind=_plain(words.get("TRTP", "")),
	)
