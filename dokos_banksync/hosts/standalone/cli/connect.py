"""`banksync connect`, `reconnect`, `disconnect`, `connections`, `accounts`: a user and a bank."""

from __future__ import annotations

import getpass
import re
import socket
import sys
import time
import webbrowser
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from shlex import quote

import click

from dokos_banksync.actions.email_address import checked_email, email_for
from dokos_banksync.actions.site import ConnectLink
from dokos_banksync.actions.unfinished import MAY_BE_REFUSED
from dokos_banksync.core.connection.completing import ConnectResult
from dokos_banksync.core.connection.institution_choice import normalized
from dokos_banksync.core.connection.schedule import ScheduleEntry, is_automatic
from dokos_banksync.core.connection_state import connected
from dokos_banksync.core.errors import InvalidData, LoginRequired, NotFound
from dokos_banksync.core.message import Message
from dokos_banksync.core.model import NEXT_STEP, ConnectionStatus, NextStep
from dokos_banksync.core.records import AccountRecord, ConnectionRecord
from dokos_banksync.hosts.standalone.callback_listener import REGISTERED_PORT, NotReturned, ReturnPage
from dokos_banksync.hosts.standalone.cli import names
from dokos_banksync.hosts.standalone.cli.confirmation import confirm, yes_option
from dokos_banksync.hosts.standalone.cli.json_records import account, connection, plain
from dokos_banksync.hosts.standalone.cli.session import Session, session
from dokos_banksync.hosts.standalone.cli.terminal import Column, bold, dim, good, local_day, say
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.providers.registry import provider_class

OpenPage = Callable[[str, str], ConnectLink]
"""Takes callback address and user; returns the page to open."""
_NEXT = "Next: banksync link {0} --all, or for one account banksync link {0} ID NAME; then banksync sync"
_COUNTRY = re.compile(r"[A-Za-z]{2}", re.ASCII)

_OPTIONS = (
	click.option("--no-browser", is_flag=True, help="Only print the address of the provider's page."),
	click.option(
		"--port",
		type=click.IntRange(0, 65535),
		help="Port for the return from the provider; 0 is any free port. Default: 8575 where the address has to be registered "
		"at the provider, else any.",
	),
	click.option(
		"--timeout",
		type=click.IntRange(1),
		default=900,
		show_default=True,
		help="Seconds to wait for the return.",
	),
	click.option(
		"--email",
		envvar="BANKSYNC_EMAIL",
		default="",
		help="Your e-mail address; asked for where the provider needs it.",
	),
)


def _waiting(function: Callable[..., None]) -> Callable[..., None]:
	for option in reversed(_OPTIONS):
		function = option(function)
	return function


@click.argument("bank")
@click.option("--provider", required=True, help="Name of a configured provider.")
@click.option(
	"--institution", default="", help="Id of the bank in the provider's list; else it is chosen there."
)
@click.option(
	"--country", default="", help="Country of the bank (FR), where the bank is chosen on the provider's page."
)
@_waiting
def connect(
	bank: str,
	provider: str,
	institution: str,
	country: str,
	no_browser: bool,
	port: int | None,
	timeout: int,
	email: str,
) -> None:
	"""Connect a bank in the browser, and wait for the return."""
	site = session().site
	provider = names.provider(site, provider)
	if country and not _COUNTRY.fullmatch(country):
		raise InvalidData("{0} is not a country: write its two letters, such as FR", country)
	institution = institution or _institution_named(site, provider, bank, country)
	address = email_for(site, provider, lambda: email or _asked_email())
	port, kind = _port(site, provider, port), _kind(site, provider)

	def open_page(callback_url: str, user: str) -> ConnectLink:
		"""Start the connection and return the link to the consent page."""
		return site.begin_connect(
			bank, provider, institution, callback_url=callback_url, user=user, email=address, country=country
		)

	_connect_in_browser(open_page, no_browser, port, timeout=timeout, kind=kind)


def _kind(site: Site, provider: str) -> str:
	kind: str = site.ledger.provider(provider)["provider_type"]
	return kind


def _port(site: Site, provider: str, given: int | None) -> int:
	"""Return the port to come back to: the one that is given, else the one to register, or 0 for any."""
	if given is not None:
		return given
	return REGISTERED_PORT if provider_class(_kind(site, provider)).capabilities.fixed_return else 0


def _institution_named(site: Site, provider: str, bank: str, country: str) -> str:
	"""Return the id of the bank of this name where a provider has no page to choose it on; empty where it has one."""
	if not provider_class(_kind(site, provider)).capabilities.needs_institution:
		return ""
	found = site.institutions(provider, bank, country)
	ids = [one.id for one in found if normalized(one.name) == normalized(bank)]
	if len(ids) != 1:
		raise NotFound(
			"{0} has no page on which a bank is chosen, and does not list one bank that is called {1}: find its id with "
			"banksync institutions {2}, and give it with --institution",
			provider,
			bank,
			quote(provider),
		)
	return ids[0]


def _asked_email() -> str:
	"""Return the address that the user types.

	Where no user is at a terminal, return one that receives nothing (RFC 2606 reserves `.invalid`) and say so.
	"""
	if sys.stdin.isatty():
		answer: str = click.prompt(session().t("Your e-mail address"), err=True)
		return answer
	address = f"{getpass.getuser()}@{socket.gethostname()}.invalid"
	message = "The provider is given {0} as your e-mail address, where it cannot write to you: set {1} or {2}"
	say(session().t(message, address, "--email", "BANKSYNC_EMAIL"), err=True)
	return address


@click.argument("name", metavar="CONNECTION")
@click.option("--accounts-only", is_flag=True, help="Change the accounts shared; do not renew the consent.")
@_waiting
def reconnect(
	name: str, accounts_only: bool, no_browser: bool, port: int | None, timeout: int, email: str
) -> None:
	"""Renew a consent, or choose its accounts anew, in the browser."""
	site = session().site
	name = names.connection(site, name)
	address = checked_email(email) if email else ""
	provider = site.ledger.connection(name).provider
	port, kind = _port(site, provider, port), _kind(site, provider)

	def open_page(callback_url: str, user: str) -> ConnectLink:
		"""Start the renewal and return the link to the consent page."""
		return site.begin_reconnect(name, callback_url, user, email=address, accounts_only=accounts_only)

	_connect_in_browser(open_page, no_browser, port, timeout=timeout, kind=kind)


def _connect_in_browser(open_page: OpenPage, no_browser: bool, port: int, timeout: int, kind: str) -> None:
	"""Open the page of a provider of this kind, wait for the return, and print the result."""
	current = session()
	user = getpass.getuser()
	with ReturnPage(port, current.translations.language) as page:
		link = open_page(page.url, user)
		page.expect(link.state)
		_send(current, link.url, no_browser)
		try:
			result = _wait_for_return(current, page, link, timeout=timeout, user=user)
		except NotReturned as error:
			if not provider_class(kind).capabilities.fixed_return:
				raise
			raise LoginRequired("{0}. {1}", error.message, Message(MAY_BE_REFUSED, page.url)) from error
	_print_result(current, result)


def _wait_for_return(
	current: Session, page: ReturnPage, link: ConnectLink, timeout: int, user: str
) -> ConnectResult:
	"""Wait for the browser to come back until `timeout` seconds; where a provider may not redirect back, poll it meanwhile."""
	until = time.monotonic() + timeout
	query = {} if link.polls else page.wait(timeout)
	while (result := current.site.finish(link.state, query, user)).pending:
		if time.monotonic() > until:
			if result.connection.remote_id:
				break  # the page is still open, for further banks
			raise NotReturned
		query = page.returned(min(result.poll_after.total_seconds(), max(until - time.monotonic(), 0)))
	return result


def _send(current: Session, url: str, no_browser: bool) -> None:
	# Machines read the result on stdout; the address is for whoever drives the browser.
	say(f"{current.t('Continue on this page:')} {bold(url)}", err=current.json)
	if not no_browser and not webbrowser.open(url):
		current.note(current.t("No browser could be opened: open the address yourself"))
	current.note(dim(current.t("Waiting for you to come back. Ctrl-C gives up.")))


def _print_result(current: Session, result: ConnectResult) -> None:
	name, why = result.connection.name, current.translations.message(result.message)
	no_reason = current.t("the bank gave no reason")
	if NEXT_STEP[result.connection.status] is NextStep.RECONNECT:
		raise LoginRequired(
			"The bank asks you to confirm ({0}): banksync reconnect {1}", why or no_reason, name
		)
	if result.cancelled:
		raise LoginRequired("The connection was cancelled and nothing was changed. Start again when you like")
	if not result.connection.remote_id:
		raise LoginRequired("Nothing was connected: {0}", why or no_reason)
	for sentence in filter(None, (why, *map(current.translations.message, result.remarks))):
		current.warn(sentence)
	results = [result, *result.others]
	accounts = [one for each in results for one in each.accounts]
	heads = [_head(current, each.connection) for each in results]
	steps = [current.t(_NEXT, each.connection.name) for each in results]
	current.answer(
		[account(a) for a in accounts],
		lambda: "\n".join([*heads, "", _accounts_table(current, accounts), "", *steps]),
	)


def _head(current: Session, record: ConnectionRecord) -> str:
	return f"{good('✓')} {current.t('{0} is connected as {1}', record.bank, record.name)}"


@click.argument("name", metavar="CONNECTION")
@yes_option
def disconnect(name: str, yes: bool) -> None:
	"""Revoke the consent of a connection; ask first."""
	current = session()
	name = names.connection(current.site, name)
	record = connected(current.site.ledger, name)
	confirm(current.t("End the consent at {0}? What was imported stays.", record.bank), yes)
	current.site.disconnect(name)
	message = current.t("{0} is disconnected. What was imported stays", name)
	if remains := current.site.what_remains(name):
		message = f"{message}. {current.t(remains)}"
	current.answer(connection(current.site.ledger.connection(name)), lambda: f"{good('✓')} {message}")


def next_run(record: ConnectionRecord, entry: ScheduleEntry) -> datetime | None:
	"""Return when a connection is fetched next by itself; None for one that never is."""
	return entry.next_run_at if is_automatic(record) else None


_NO_CONNECTION = "No bank is connected yet: banksync connect BANK --provider NAME"

TO_DO: Mapping[NextStep, str] = {
	NextStep.CONNECT: "Connect",
	NextStep.WAIT: "Wait",
	NextStep.RECONNECT: "Reconnect",
	NextStep.CONFIGURE: "Check the provider",
	NextStep.FETCH: "Fetch again",
}


def _to_do(current: Session, record: ConnectionRecord) -> str:
	active = record.status is ConnectionStatus.ACTIVE
	return "" if active else current.t(TO_DO[NEXT_STEP[record.status]])


def connections() -> None:
	"""List the connections, with state, last and next run."""
	current = session()
	records, schedule_store = current.site.ledger.connections(), current.site.schedule_store.all()
	columns = [Column("Connection"), Column("Bank", elastic=True), Column("State", elastic=True)]
	columns += [
		Column("To do", elastic=True, least=12),
		Column("Last import"),
		Column("Next run", spare=True),
	]
	columns += [Column("Provider", elastic=True, spare=True), Column("Consent until", spare=True)]
	rows: list[list[object]] = [
		[
			*(r.name, r.bank, current.t(r.status.value), _to_do(current, r), r.last_success_at),
			*(next_run(r, schedule_store[r.name]), r.provider, local_day(r.consent_expires_at)),
		]
		for r in records
	]
	data = [{**connection(r), "next_run_at": plain(next_run(r, schedule_store[r.name]))} for r in records]
	current.answer(data, lambda: current.table(columns, rows, _NO_CONNECTION))


@click.argument("name", metavar="[CONNECTION]", default="")
@click.option("--refresh", is_flag=True, help="Ask the provider first; needs a connection's name.")
def accounts(name: str, refresh: bool) -> None:
	"""List the remote accounts of a connection, or of all."""
	current = session()
	if refresh and not name:
		raise click.UsageError(current.t("--refresh needs the name of a connection"))
	name = name and names.connection(current.site, name)
	if refresh:
		current.site.refresh_accounts(name)
	ledger = current.site.ledger
	chosen = [name] if name else [record.name for record in ledger.connections()]
	found = [a for one in chosen for a in ledger.accounts(one)]
	current.answer([account(a) for a in found], lambda: _accounts_table(current, found))


def _accounts_table(current: Session, found: Sequence[AccountRecord]) -> str:
	columns = [Column("Connection", spare=True), Column("Id"), Column("Account", elastic=True, least=16)]
	columns += [Column("IBAN", spare=True), Column("Balance", right=True), Column("Currency")]
	columns += [Column("Bank Account", elastic=True, least=12), Column("From", spare=True)]
	columns += [Column("State", elastic=True)]
	rows: list[list[object]] = [
		[
			*(a.connection, a.remote.remote_id, a.remote.account_name, a.remote.iban, a.remote.balance),
			*(a.remote.currency, a.bank_account, a.start_date or "", _account_state(current, a)),
		]
		for a in found
	]
	nothing = "No account is shown. Tick some with: banksync reconnect CONNECTION"
	return current.table(columns, rows, nothing if current.site.ledger.connections() else _NO_CONNECTION)


def _account_state(current: Session, record: AccountRecord) -> str:
	if record.gone:
		return current.t("no longer listed")
	if not record.remote.enabled:
		return current.t("not shared")
	if record.remote.failed:
		return current.t("not given last time")
	return "" if record.bank_account else _may_be(current, record)


def _may_be(current: Session, record: AccountRecord) -> str:
	"""Return the Bank Account that an account feeding nothing most likely belongs to, with the evidence."""
	[proposal] = [one for one in current.site.proposals(record.connection) if one.source == record.source]
	if not proposal.candidates:
		return ""
	best = proposal.candidates[0]
	return current.t("may be {0} ({1})", best.bank_account, current.translations.message(best.evidence))
