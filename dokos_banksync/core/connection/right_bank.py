"""Which Bank a login belongs to, where a user may log in to other banks than the one they came from."""

from __future__ import annotations

from itertools import islice

from dokos_banksync.core.connection.institution_choice import normalized
from dokos_banksync.core.errors import SyncError
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.provider import Completed, Provider
from dokos_banksync.core.records import ConnectionRecord
from dokos_banksync.core.texts import printable

_LONGEST = 140
"""Characters of the name of a document."""
_LISTED = 20


def is_asked_for(record: ConnectionRecord, one: Completed) -> bool:
	"""Return whether a login is at the bank that a session was opened for, as far as ids and names say.

	A provider that names no institution brings no other than was asked for.
	"""
	found = one.connection.institution_id if one.connection else ""
	named = normalized(one.institution_name)
	return not named or not found or named == normalized(record.bank) or found == record.institution_id


def bank_of(ledger: Ledger, provider: Provider, record: ConnectionRecord, one: Completed) -> str:
	"""Return the name of the Bank that a login belongs to: that of the record, one that is known, or a new one.

	A record without an institution takes any: the user chose the bank on the provider's page.
	"""
	if not record.institution_id or is_asked_for(record, one):
		return record.bank
	if _is_the_same(provider, record.institution_id, one.institution_name):
		return record.bank
	return _known(ledger, record, one) or _new_name(one.institution_name)


def _is_the_same(provider: Provider, asked: str, name: str) -> bool:
	"""Return whether the institution asked for has the same name: providers list some banks under several ids."""
	try:
		listed = list(islice(provider.institutions(name), _LISTED))
	except SyncError:
		return False
	return any(one.id == asked and normalized(one.name) == normalized(name) for one in listed)


def _known(ledger: Ledger, record: ConnectionRecord, one: Completed) -> str:
	"""Return the Bank that has a connection to the institution, of the same company first, or one of the same name."""
	institution_id = one.connection.institution_id if one.connection else ""
	others = [each for each in ledger.connections() if each.name != record.name]
	fitting = [
		each.bank
		for each in sorted(others, key=lambda each: each.company != record.company)
		if (each.provider, each.institution_id) == (record.provider, institution_id)
	]
	named = (bank for bank in ledger.banks() if normalized(bank) == normalized(one.institution_name))
	return next(iter(fitting), "") or next(named, "")


def _new_name(name: str) -> str:
	"""Return a name that every host takes: Frappe refuses angle brackets."""
	return printable(name.replace("<", " ").replace(">", " "))[:_LONGEST].strip()
