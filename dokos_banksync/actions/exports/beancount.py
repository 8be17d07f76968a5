"""A beancount file: https://beancount.github.io/docs/beancount_language_syntax.html"""

from __future__ import annotations

import re
import unicodedata

from dokos_banksync.actions.exports.model import AccountNames, Contents, Row


def beancount(contents: Contents) -> str:
	"""Return the transactions as directives; the accounts that they use are opened on the day of their first use."""
	names = AccountNames(_part)
	opened: dict[str, str] = {}
	entries = []
	for row in contents.rows:
		bank = names.account(["Assets", "Bank", row.bank_account])
		other = names.account(contents.counter_account(row))
		opened.setdefault(bank, f"{row.date} open {bank} {row.currency}")
		opened.setdefault(other, f"{row.date} open {other}")
		entries.append(_entry(row, bank, other))
	return "\n".join([*opened.values(), "", *entries])


def _entry(row: Row, bank: str, other: str) -> str:
	head = f"{_text(row.party_name)} {_text(row.description)}" if row.party_name else _text(row.description)
	return (
		f"{row.date} * {head}\n"
		f"  id: {_text(row.name)}\n"
		f"  {bank}  {row.amount:f} {row.currency}\n"
		f"  {other}  {-row.amount:f} {row.currency}\n"
	)


def _text(text: str) -> str:
	return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _part(name: str) -> str:
	plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
	words = re.findall("[A-Za-z0-9]+", plain)
	return "".join(word[:1].upper() + word[1:] for word in words) or "Unnamed"
