"""`banksync provider …` and `banksync institutions`: subscriptions, and the banks they reach."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import TypeVar

import click

from dokos_banksync.actions import return_address
from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.message import Message
from dokos_banksync.core.provider import CLIENT_ID, CredentialField, FieldKind
from dokos_banksync.core.subscription import PRODUCTION, SANDBOX
from dokos_banksync.hosts.standalone.callback_listener import PATH, REGISTERED_PORT
from dokos_banksync.hosts.standalone.cli import names
from dokos_banksync.hosts.standalone.cli.confirmation import confirm, yes_option
from dokos_banksync.hosts.standalone.cli.json_records import provider
from dokos_banksync.hosts.standalone.cli.session import Group, command, session
from dokos_banksync.hosts.standalone.cli.terminal import Column, good
from dokos_banksync.providers.registry import option_name, provider_class, provider_types

WEBHOOK_VARIABLE = "BANKSYNC_WEBHOOK_SECRET"
F = TypeVar("F", bound=Callable[..., None])


@click.group("provider", cls=Group, help="Subscriptions at providers and their keys.")
def provider_group() -> None:
	"""Holds the commands about providers."""


def declared_fields() -> dict[str, CredentialField]:
	"""Return the credentials that any known provider declares, by name; a choice has the choices of all of them."""
	declared: dict[str, CredentialField] = {}
	for kind in provider_types():
		for field in provider_class(kind).credential_fields:
			others = declared[field.name].choices if field.name in declared else ()
			choices = tuple(dict.fromkeys([*others, *field.choices]))
			declared[field.name] = replace(field, choices=choices)
	return declared


def credential_options(function: F) -> F:
	"""Add an option for each declared credential. Secrets are read from files, never from arguments."""
	for field in reversed(declared_fields().values()):
		name = field.name.replace("_", "-")
		if field.kind.secret:
			kind = click.Path(path_type=Path, allow_dash=True)
			help_text = f"A file with the {field.label.lower()}, or - for standard input."
			option = click.option(f"--{name}-file", field.name, type=kind, help=help_text)
		elif field.kind is FieldKind.CHOICE:
			option = click.option(f"--{name}", field.name, type=click.Choice(field.choices), help=field.label)
		else:
			option = click.option(f"--{name}", field.name, help=field.help or field.label)
		function = option(function)
	return function


@command(
	provider_group,
	"add",
	"Store the credentials of a subscription; secrets come from BANKSYNC_<FIELD>, a file or a hidden prompt.",
	"banksync provider add bridge --type bridge --client-id 0123abcd --client-secret-file secret.txt",
)
@click.argument("name")
@click.option(
	"--type",
	"provider_type",
	required=True,
	type=click.Choice([option_name(kind) for kind in provider_types()], case_sensitive=False),
	help="Which provider.",
)
@credential_options
@click.option("--base-url", default="", help="Another address than the provider's own.")
@click.option("--sandbox", is_flag=True, help="The credentials are for the provider's test environment.")
def add(name: str, provider_type: str, base_url: str, sandbox: bool, **entered: str | Path | None) -> None:
	"""Store a provider with its credentials."""
	current = session()
	current.site  # noqa: B018 - a home that cannot be used is reported before a secret is asked for
	fields = provider_class(provider_type).credential_fields
	entered = _declared(provider_type, fields, entered)
	values = {field.name: _read(field, entered.get(field.name), ask=field.required) for field in fields}
	environment = SANDBOX if sandbox else PRODUCTION
	current.site.add_provider(name, provider_type, values, base_url=base_url, environment=environment)
	message = current.t("Provider {0} is stored. Next: banksync provider check {1}", name, quote(name))
	current.answer(provider(current.site.ledger.provider(name)), lambda: f"{good('✓')} {message}")


def _declared(
	provider_type: str, fields: Sequence[CredentialField], entered: Mapping[str, str | Path | None]
) -> dict[str, str | Path | None]:
	"""Return the credentials that were given, by the names that the provider declares.

	`--client-id` is accepted for the id of a subscription whatever the provider calls it. Raises `ConfigurationError` for
	a credential that the provider does not have.
	"""
	given: dict[str, str | Path | None] = {name: one for name, one in entered.items() if one is not None}
	names = [field.name for field in fields]
	if CLIENT_ID.name in given and CLIENT_ID.name not in names:
		[own, *_] = (field.name for field in fields if field.kind is FieldKind.TEXT and field.required)
		given.setdefault(own, given.pop(CLIENT_ID.name))
	for name in given:
		if name not in names:
			raise ConfigurationError(
				"{0} has no credential {1}. It has: {2}", provider_type, name, ", ".join(names)
			)
	return given


def _read(field: CredentialField, given: str | Path | None, *, ask: bool) -> str:
	"""Return a credential: a secret from a file, its variable or a prompt. Raises `ConfigurationError`."""
	variable = f"BANKSYNC_{field.name.upper()}"
	if not field.kind.secret:
		return str(given or os.environ.get(variable, "") or (field.choices[0] if field.choices else ""))
	if isinstance(given, Path):
		return _from_file(given)
	secret = os.environ.get(variable, "").strip()
	if secret or not ask:
		return secret
	option = f"--{field.name.replace('_', '-')}-file"
	return _from_prompt(
		field.label, "The {0} is missing: set {1} or give {2}", Message(field.label), variable, option
	)


def read_webhook_secret(file: Path | None) -> str:
	"""Return the webhook secret; a file may hold several, one to a line. Raises `ConfigurationError`."""
	if file is not None:
		return _from_file(file)
	missing = "The {0} is missing: set {1} or give {2}"
	return os.environ.get(WEBHOOK_VARIABLE, "").strip() or _from_prompt(
		"Webhook secret", missing, Message("Webhook secret"), WEBHOOK_VARIABLE, "--webhook-secret-file"
	)


def _from_file(file: Path) -> str:
	try:
		with click.open_file(str(file), encoding="utf-8") as stream:
			return str(stream.read()).strip()
	except (OSError, UnicodeDecodeError):
		raise ConfigurationError(
			"The file {0} cannot be read: give one that holds the secret", file
		) from None


def _from_prompt(question: str, missing: str, *values: str) -> str:
	if not sys.stdin.isatty():
		raise ConfigurationError(missing, *values)
	answer: str = click.prompt(session().t(question), hide_input=True, err=True)
	return answer.strip()


@command(
	provider_group,
	"check",
	"Check the credentials, the connection to the API, and what the subscription allows.",
	"banksync provider check bridge",
)
@click.argument("name")
def check(name: str) -> None:
	"""Check a provider's credentials."""
	current = session()
	name = names.provider(current.site, name)
	found = current.site.check_provider(name)
	remarks = [current.translations.message(remark) for remark in found.remarks]
	remarks += return_address.remarks(found, _callback(found.return_addresses), current.translations)
	record = {"name": name, "institutions": found.institutions, "remarks": remarks}
	head = current.t("The keys of {0} work. Institutions: {1}", name, found.institutions)
	current.answer(record, lambda: "\n".join([f"{good('✓')} {head}", *(f"  {remark}" for remark in remarks)]))


def _callback(registered: Sequence[str]) -> str:
	"""Return the address that `connect --port` returns to: a registered one, else that of a usual port."""
	known = (one for one in registered if re.fullmatch(rf"http://127\.0\.0\.1:\d+{PATH}", one))
	return next(known, f"http://127.0.0.1:{REGISTERED_PORT}{PATH}")


@command(provider_group, "list", "The configured providers.", "banksync provider list")
def list_providers() -> None:
	"""List the providers, without secrets."""
	current = session()
	records = [provider(row) for row in current.site.ledger.providers()]
	columns = [Column("Name", elastic=True, least=12), Column("Type"), Column("Environment")]
	columns += [Column("Client id", elastic=True, spare=True), Column("Address", elastic=True, spare=True)]
	fields = ("name", "provider_type", "environment", "client_id", "base_url")
	rows = [
		[current.t(record[key]) if key == "environment" else record[key] for key in fields]
		for record in records
	]
	nothing = "There is no provider yet: add one with banksync provider add"
	current.answer(records, lambda: current.table(columns, rows, nothing))


@command(
	provider_group,
	"update",
	"Change the credentials or the address of a provider; what is not given stays.",
	"banksync provider update bridge --client-secret-file new-secret.txt",
)
@click.argument("name")
@credential_options
@click.option(
	"--secret", "ask", is_flag=True, help="Ask for the secrets, or read them from BANKSYNC_<FIELD>."
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
	ask: bool,
	base_url: str | None,
	ask_webhook: bool,
	webhook_secret_file: Path | None,
	**entered: str | Path | None,
) -> None:
	"""Change a provider's credentials or address."""
	current = session()
	name = names.provider(current.site, name)
	provider_type = current.site.ledger.provider(name)["provider_type"]
	fields = provider_class(provider_type).credential_fields
	entered = _declared(provider_type, fields, entered)
	if ask_webhook or webhook_secret_file:
		current.site.ledger.set_webhook_secret(name, read_webhook_secret(webhook_secret_file))
	values = {
		field.name: _read(field, entered.get(field.name), ask=ask and field.required)
		for field in fields
		if entered.get(field.name) is not None or (ask and field.kind.secret)
	}
	if values or base_url is not None or not (ask_webhook or webhook_secret_file):
		current.site.update_provider(name, values, base_url)
	message = current.t("Provider {0} is stored. Next: banksync provider check {1}", name, quote(name))
	current.answer(provider(current.site.ledger.provider(name)), lambda: f"{good('✓')} {message}")


@command(
	provider_group,
	"remove",
	"Delete a provider and its credentials, unless a connection needs them.",
	"banksync provider remove bridge",
)
@click.argument("name")
@yes_option
def remove(name: str, yes: bool) -> None:
	"""Delete a provider without connections."""
	current = session()
	name = names.provider(current.site, name)
	current.site.ledger.check_provider_removable(name)
	confirm(current.t("Forget {0} and its keys?", name), yes)
	current.site.remove_provider(name)
	message = current.t("Provider {0} and its credentials are deleted", name)
	current.answer({"name": name, "removed": True}, lambda: f"{good('✓')} {message}")
