"""`banksync provider …` and `banksync institutions`: subscriptions, and the banks they reach."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import click

from dokos_banksync.core.errors import ConfigurationError, InvalidData
from dokos_banksync.core.model import Institution
from dokos_banksync.hosts.standalone.cli.json_records import institution, provider
from dokos_banksync.hosts.standalone.cli.session import Group, command, session
from dokos_banksync.hosts.standalone.cli.terminal import Column, good
from dokos_banksync.providers.registry import provider_types

SECRET_VARIABLE = "BANKSYNC_CLIENT_SECRET"  # noqa: S105 - the name of a variable
WEBHOOK_VARIABLE = "BANKSYNC_WEBHOOK_SECRET"


@click.group("provider", cls=Group, help="Subscriptions at providers and their keys.")
def provider_group() -> None:
	"""Holds the commands about providers."""


@command(
	provider_group,
	"add",
	"Keep the keys of a subscription; the secret comes from BANKSYNC_CLIENT_SECRET, a file or a hidden prompt.",
	"banksync provider add bridge --type bridge --client-id 0123abcd --client-secret-file secret.txt",
)
@click.argument("name")
@click.option(
	"--type",
	"provider_type",
	required=True,
	type=click.Choice(provider_types(), case_sensitive=False),
	help="Which provider.",
)
@click.option("--client-id", required=True, help="The public half of the keys.")
@click.option(
	"--client-secret-file",
	type=click.Path(path_type=Path, allow_dash=True),
	help="A file with the secret, or - for standard input.",
)
@click.option("--base-url", default="", help="Another address than the provider's own.")
@click.option("--sandbox", is_flag=True, help="The keys are for the provider's test environment.")
def add(
	name: str,
	provider_type: str,
	client_id: str,
	client_secret_file: Path | None,
	base_url: str,
	sandbox: bool,
) -> None:
	current = session()
	current.site  # noqa: B018 - a home that cannot be used is told before a secret is asked for
	secret = read_secret(client_secret_file)
	environment = "Sandbox" if sandbox else "Production"
	current.site.add_provider(name, provider_type, client_id, secret, base_url, environment)
	told = current.t("Provider {0} is kept. Next: banksync provider check {0}", name)
	current.answer(provider(current.site.ledger.provider(name)), lambda: f"{good('✓')} {told}")


def read_secret(file: Path | None) -> str:
	"""The secret, from where no other user of the machine can read it. Raises `ConfigurationError`."""
	if file is not None:
		return _from_file(file)
	return os.environ.get(SECRET_VARIABLE, "").strip() or _from_prompt(
		"Client secret", "The client secret is missing: set {0} or give --client-secret-file", SECRET_VARIABLE
	)


def read_webhook_secret(file: Path | None) -> str:
	"""As `read_secret`; a file may hold several, one to a line."""
	if file is not None:
		return _from_file(file)
	return os.environ.get(WEBHOOK_VARIABLE, "").strip() or _from_prompt(
		"Webhook secret",
		"The webhook secret is missing: set {0} or give --webhook-secret-file",
		WEBHOOK_VARIABLE,
	)


def _from_file(file: Path) -> str:
	try:
		with click.open_file(str(file), encoding="utf-8") as stream:
			return str(stream.read()).strip()
	except (OSError, UnicodeDecodeError):
		raise ConfigurationError(
			"The file {0} cannot be read: give one that holds the secret", file
		) from None


def _from_prompt(question: str, missing: str, variable: str) -> str:
	if not sys.stdin.isatty():
		raise ConfigurationError(missing, variable)
	answer: str = click.prompt(session().t(question), hide_input=True, err=True)
	return answer.strip()


@command(
	provider_group,
	"check",
	"Are the keys right, is the API reachable, what does the subscription allow?",
	"banksync provider check bridge",
)
@click.argument("name")
def check(name: str) -> None:
	current = session()
	found = current.site.check_provider(name)
	remarks = [current.translations.translate_stored(remark) for remark in found.remarks]
	record = {"name": name, "institutions": found.institutions, "remarks": remarks}
	head = current.t("The keys of {0} work. Institutions: {1}", name, found.institutions)
	current.answer(record, lambda: "\n".join([f"{good('✓')} {head}", *(f"  {remark}" for remark in remarks)]))


@command(provider_group, "list", "The providers that are kept here.", "banksync provider list")
def list_providers() -> None:
	current = session()
	records = [provider(row) for row in current.site.ledger.providers()]
	columns = [Column("Name"), Column("Type"), Column("Environment"), Column("Client id"), Column("Address")]
	fields = ("name", "provider_type", "environment", "client_id", "base_url")
	rows = [[record[key] for key in fields] for record in records]
	nothing = "No provider is kept here yet: banksync provider add"
	current.answer(records, lambda: current.table(columns, rows, nothing))


@command(
	provider_group,
	"update",
	"Other keys or another address for the same subscription; what is not given stays.",
	"banksync provider update bridge --client-secret-file new-secret.txt",
)
@click.argument("name")
@click.option("--client-id", default="", help="The public half of the keys.")
@click.option("--secret", "ask", is_flag=True, help="Ask for the secret, or read BANKSYNC_CLIENT_SECRET.")
@click.option(
	"--client-secret-file",
	type=click.Path(path_type=Path, allow_dash=True),
	help="A file with the secret, or - for standard input.",
)
@click.option("--base-url", help="Another address than the provider's own; empty for its own.")
@click.option(
	"--webhook-secret", "ask_webhook", is_flag=True, help="Ask for it, or read BANKSYNC_WEBHOOK_SECRET."
)
@click.option(
	"--webhook-secret-file",
	type=click.Path(path_type=Path, allow_dash=True),
	help="A file with the webhook secret; two lines while one replaces the other.",
)
def update(
	name: str,
	client_id: str,
	ask: bool,
	client_secret_file: Path | None,
	base_url: str | None,
	ask_webhook: bool,
	webhook_secret_file: Path | None,
) -> None:
	current = session()
	current.site.ledger.provider(name)
	if ask_webhook or webhook_secret_file:
		current.site.ledger.set_webhook_secret(name, read_webhook_secret(webhook_secret_file))
	if (
		client_id
		or ask
		or client_secret_file
		or base_url is not None
		or not (ask_webhook or webhook_secret_file)
	):
		secret = read_secret(client_secret_file) if ask or client_secret_file else ""
		current.site.update_provider(name, client_id, secret, base_url)
	told = current.t("Provider {0} is kept. Next: banksync provider check {0}", name)
	current.answer(provider(current.site.ledger.provider(name)), lambda: f"{good('✓')} {told}")


@command(
	provider_group,
	"remove",
	"Forget a provider and its keys, unless a connection needs them.",
	"banksync provider remove bridge",
)
@click.argument("name")
def remove(name: str) -> None:
	current = session()
	current.site.remove_provider(name)
	told = current.t("Provider {0} and its keys are forgotten", name)
	current.answer({"name": name, "removed": True}, lambda: f"{good('✓')} {told}")


@click.argument("provider_name", metavar="PROVIDER")
@click.argument("search", default="")
@click.option("--country", default="", metavar="CC", help="Two letters: FR, BE …")
def institutions(provider_name: str, search: str, country: str) -> None:
	"""Added to the top group by the package."""
	current = session()
	if country and not re.fullmatch("[A-Za-z]{2}", country):
		raise InvalidData("{0} is no country: write its two letters, such as FR", country)
	found = current.site.institutions(provider_name, search, country.upper())
	columns = [Column("Id"), Column("Name", elastic=True), Column("Country"), Column("Group", elastic=True)]
	columns.append(Column("State"))
	rows = [[i.id, i.name, i.country, i.group, _state(i)] for i in found]
	nothing = "No bank is called like that. Try a shorter name"
	current.answer([institution(i) for i in found], lambda: current.table(columns, rows, nothing))


def _state(found: Institution) -> str:
	t = session().t
	remarks = [t("beta")] if found.beta else []
	if found.healthy is False:
		remarks.append(t("does not answer well at the moment"))
	return ", ".join(remarks)
