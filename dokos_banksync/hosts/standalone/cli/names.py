"""What a user may write for a name: "My bank" for its connection, "Current account" or an IBAN for an account.

An exact name always counts first. Else case does not matter, and one record alone must fit: where several do, the error
lists them. Errors print the command that lists what there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from shlex import quote
from typing import TypeVar

from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.core.records import AccountRecord, BankAccountRecord, ConnectionRecord
from dokos_banksync.hosts.standalone.site import Site

T = TypeVar("T")


def connection(site: Site, given: str) -> str:
	"""Return the name of the connection that a user wrote: its name, or its bank's."""
	records = site.ledger.connections()
	if any(record.name == given for record in records):
		return given
	found = [record for record in records if _same(given, record.name, record.bank)]
	live = [record for record in found if record.status is not ConnectionStatus.DISCONNECTED]
	one = _only(live or found, given, _connection_label)
	if one is None:
		raise NotFound("There is no connection {0}. This command lists them: banksync connections", given)
	return one.name


def _connection_label(record: ConnectionRecord) -> str:
	return f"{record.name} ({record.bank})"


def remote_account(site: Site, connection_name: str, given: str) -> AccountRecord:
	"""Return the account of a connection that a user wrote: its id, its IBAN or its name at the bank."""
	records = site.ledger.accounts(connection_name)
	exact = [record for record in records if record.remote.remote_id == given]
	found = exact or [
		record
		for record in records
		if _same(given, record.remote.account_name) or _bare(given) == _bare(record.remote.iban or "-")
	]
	listed = [record for record in found if not record.gone]
	one = _only(listed or found, given, _account_label)
	if one is None:
		raise NotFound("{0} has no account {1}: banksync accounts {0} lists them", connection_name, given)
	return one


def _account_label(record: AccountRecord) -> str:
	return f"{record.remote.remote_id} ({record.remote.account_name})"


def bank(site: Site, given: str) -> str:
	"""Return the name of the bank that a user wrote."""
	records = site.ledger.banks()
	if given in records:
		return given
	one = _only([name for name in records if _same(given, name)], given, str)
	if one is None:
		raise NotFound("There is no bank {0}. This command lists them: banksync banks list", given)
	return one


def bank_account(site: Site, given: str) -> str:
	"""Return the name of the Bank Account that a user wrote, to feed it: its name or its IBAN. A closed one is none."""
	found = known_bank_account(site, given)
	if found is None and (closed := _closed_bank_account(site, given)):
		raise NotFound(
			"The Bank Account {0} is closed. This command opens it again: banksync bank-accounts close {1} --reopen",
			closed,
			quote(closed),
		)
	return _found_bank_account(found, given)


def any_bank_account(site: Site, given: str) -> str:
	"""Return the name of the Bank Account that a user wrote, to look at what it holds: an open one, else a closed one."""
	if any(record.name == given for record in site.ledger.closed_bank_accounts()):
		return given
	return _found_bank_account(known_bank_account(site, given) or _closed_bank_account(site, given), given)


def _closed_bank_account(site: Site, given: str) -> str | None:
	return _bank_account_among(site.ledger.closed_bank_accounts(), given)


def _found_bank_account(found: str | None, given: str) -> str:
	if found is None:
		raise NotFound(
			"There is no Bank Account {0}. This command lists them: banksync bank-accounts list; “add” adds one",
			given,
		)
	return found


def known_bank_account(site: Site, given: str) -> str | None:
	"""Return the name of the Bank Account that a user wrote, or None where there is none yet."""
	return _bank_account_among(site.ledger.bank_accounts(), given)


def _bank_account_among(records: Sequence[BankAccountRecord], given: str) -> str | None:
	if any(record.name == given for record in records):
		return given
	found = [
		record for record in records if _same(given, record.name) or _bare(given) == _bare(record.iban or "-")
	]
	one = _only(found, given, lambda record: record.name)
	return one.name if one else None


def provider(site: Site, given: str) -> str:
	"""Return the name of the provider that a user wrote: its name, or its type where it is the only one of it."""
	records = site.ledger.providers()
	if any(record["name"] == given for record in records):
		return given
	found = [record for record in records if _same(given, record["name"])]
	found = found or [record for record in records if _same(given, record["provider_type"])]
	one = _only(found, given, lambda record: str(record["name"]))
	if one is None:
		raise NotFound("There is no provider {0}. This command lists them: banksync provider list", given)
	return str(one["name"])


def run(site: Site, given: str) -> str:
	"""Return the name of the run that a user wrote."""
	try:
		return site.ledger.run(given.strip()).name
	except NotFound:
		raise NotFound("There is no run {0}. This command lists them: banksync runs", given) from None


def category(site: Site, given: str) -> str:
	"""Return the category that a user wrote, as `transactions` takes it."""
	titles = [(one.name, one.category_name) for one in site.ledger.all_categories()]
	if any(given in names for names in titles):
		return given
	one = _only([names for names in titles if _same(given, *names)], given, lambda names: names[1])
	if one is None:
		raise NotFound("There is no category {0}. This command lists them: banksync categories", given)
	return one[0]


def _only(found: Sequence[T], given: str, label: Callable[[T], str]) -> T | None:
	if len(found) > 1:
		raise InvalidData(
			"{0} may be one of several: {1}. Write one of them", given, _listed(map(label, found))
		)
	return found[0] if found else None


def _listed(labels: Iterable[str]) -> str:
	return ", ".join(sorted(labels))


def _same(given: str, *names: str) -> bool:
	return given.strip().casefold() in (name.casefold() for name in names)


def _bare(iban: str) -> str:
	return iban.replace(" ", "").upper()
