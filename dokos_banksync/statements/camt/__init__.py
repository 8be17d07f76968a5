"""Bank-to-customer messages of ISO 20022: camt.052 (report), camt.053 (statement) and camt.054 (notification).

Source: the message definition reports and schemas, versions 001.02 to 001.13, at
https://www.iso20022.org/iso-20022-message-definitions?business-domain=1 . Elements are found by their local names,
so the version in the namespace does not matter. Two differences between versions do: the status is the text of `Sts`
up to version 7 and `Sts/Cd` from version 8; a party's name stands in `Nm` up to version 7 and in `Pty/Nm` from
version 8.

One entry (`Ntry`) is one line, also where it is a batch whose transactions are listed: the account was credited or
debited once, with the entry's amount. What the transactions say is in the line's label and `raw`.
"""

from __future__ import annotations

import re

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements import iso20022
from dokos_banksync.statements.camt.statements import MESSAGES, CamtMessage, OpenStatement, parts_of
from dokos_banksync.statements.contract import ReadingOptions, Statement
from dokos_banksync.statements.not_a_statement import describe
from dokos_banksync.statements.parts import join
from dokos_banksync.statements.zipped import members

_NAMESPACE = "urn:iso:std:iso:20022:"
_WITHIN = re.compile(rb"""=["']urn:iso:std:iso:20022:tech:xsd:camt\.05[234]\.""")
"""A message in an envelope of the line that it was sent on."""
_HEAD = 8_192
_LIE = "The file says that it is UTF-8, and is not: it was read as Windows-1252"


def knows(content: bytes) -> bool:
	"""Whether the content is an ISO 20022 message, or a ZIP archive of XML files."""
	if content.startswith(b"PK"):
		return members(content) is not None
	found = iso20022.root(content) if describe(content) is None else None
	if found is None:
		return False
	return found[0].startswith(_NAMESPACE) or found[1] == "Document" or bool(_WITHIN.search(content[:_HEAD]))


def read(content: bytes, options: ReadingOptions) -> Statement:
	"""Raises `InvalidData` for a damaged file, and for a message that is not a statement."""
	files = members(content) if content.startswith(b"PK") else [content]
	remarks: list[str] = []
	names: list[str] = []
	statements: list[OpenStatement] = []
	for file in files or []:
		message = CamtMessage(options, remarks, already=sum(len(one.part.lines) for one in statements))
		statements += message.read(file)
		names.append(message.name)
		remarks += [_LIE] if message.name and _lies(file) else []
	joined = join(parts_of(statements))
	return Statement(_format(names), joined.accounts, (*dict.fromkeys(remarks), *joined.remarks))


def _lies(file: bytes) -> bool:
	return iso20022.actual_encoding(file) is not None


def _format(names: list[str]) -> str:
	known = sorted({name for name in names if name})
	if not known:
		raise InvalidData(
			"The file holds no account statement: ask the bank for one of the messages {0}",
			", ".join(sorted(MESSAGES.values())),
		)
	return ", ".join(known)
