"""Options of the command line and fields of the form come from what a provider declares, and from nowhere else."""

from __future__ import annotations

import importlib.util
import re
from datetime import datetime, timezone
from pathlib import Path

import pytest
from click.testing import CliRunner

import dokos_banksync
from dokos_banksync.actions.credentials import new_subscription
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.provider import CLIENT_ID, CredentialField, FieldKind
from dokos_banksync.hosts.standalone.cli import providers as commands
from dokos_banksync.hosts.standalone.cli.session import Session
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.hosts.standalone.web import WebServer
from dokos_banksync.providers import registry
from tests.core.scripted import ScriptedProvider
from tests.hosts.standalone.web.conftest import enter

PACKAGE = Path(dokos_banksync.__file__).parent
PEM = "-----BEGIN KEY-----\nabc\n-----END KEY-----"
NOW = datetime(2026, 11, 20, 9, tzinfo=timezone.utc)


class FakeHouse(ScriptedProvider):
	provider_type = "Fake House"
	credential_fields = (
		CLIENT_ID,
		CredentialField("private_key", "Private key", FieldKind.SECRET_FILE),
		CredentialField("environment", "Environment", FieldKind.CHOICE, choices=("production", "sandbox")),
		CredentialField("region", "Region", required=False, help="Where your accounts are"),
	)


class OtherHouse(ScriptedProvider):
	provider_type = "Other House"
	credential_fields = (
		CredentialField("environment", "Environment", FieldKind.CHOICE, choices=("live", "trial")),
		CredentialField("pass_phrase", "Pass phrase", FieldKind.SECRET),
	)


@pytest.fixture(autouse=True)
def registered(monkeypatch):
	"""The two providers, known to this test alone."""
	registry.provider_types()
	monkeypatch.setattr(registry, "_registered", dict(registry._registered))
	registry.register(FakeHouse)
	registry.register(OtherHouse)


@pytest.fixture
def run(tmp_path):
	"""Run `provider …` as a fresh process would build it, with all providers that are registered now."""
	spec = importlib.util.spec_from_file_location("commands_built_anew", commands.__file__)
	built = importlib.util.module_from_spec(spec)
	spec.loader.exec_module(built)

	def call(*words, env=None, **more):
		current = Session(tmp_path / "home", lambda: NOW, translations=Translations("en"))
		environ = dict.fromkeys(("BANKSYNC_PRIVATE_KEY", "BANKSYNC_CLIENT_ID", "BANKSYNC_PASS_PHRASE"))
		return CliRunner().invoke(
			built.provider_group, list(words), obj=current, env={**environ, **(env or {})}, **more
		)

	return call


@pytest.fixture
def stored(tmp_path):
	def read(name="ours"):
		with Site(tmp_path / "home") as site:
			return site.ledger.subscription(name)[1], site.ledger.provider(name)["environment"]

	return read


ADD = ("add", "ours", "--type", "fake-house")


def key_file(folder):
	file = folder / "key.pem"
	file.write_text(f"{PEM}\n")
	return str(file)


# -- the command line ------------------------------------------------------------------------------------
def test_each_declared_field_is_an_option_and_a_secret_is_a_file(run):
	message = run("add", "--help").output
	for option in ("--client-id", "--private-key-file", "--environment", "--region", "--pass-phrase-file"):
		assert option in message
	assert "--private-key " not in message
	assert "Where your accounts are" in message
	choices = re.search(r"--environment\[([^]]*)\]", re.sub(r"\s", "", message))[1].split("|")
	assert {"production", "sandbox", "live", "trial"} <= set(choices)


def test_the_options_are_stored_under_the_names_of_the_fields(run, stored, tmp_path):
	words = ("--client-id", "id-1", "--private-key-file", key_file(tmp_path), "--environment", "sandbox")
	assert run(*ADD, *words).exit_code == 0
	subscription, environment = stored()
	assert subscription.texts == {"client_id": "id-1", "environment": "sandbox"}
	assert {name: one.reveal() for name, one in subscription.secrets.items()} == {"private_key": PEM}
	assert environment == "Sandbox"


def test_the_first_choice_is_the_default(run, stored, tmp_path):
	assert run(*ADD, "--client-id", "id-1", "--private-key-file", key_file(tmp_path)).exit_code == 0
	assert (stored()[0].text("environment"), stored()[1]) == ("production", "Production")


def test_credentials_come_from_the_environment(run, stored):
	environ = {"BANKSYNC_CLIENT_ID": "id-2", "BANKSYNC_PRIVATE_KEY": PEM}
	assert run(*ADD, env=environ).exit_code == 0
	assert (stored()[0].text("client_id"), stored()[0].secret("private_key").reveal()) == ("id-2", PEM)


def test_a_secret_comes_from_standard_input(run, stored):
	assert run(*ADD, "--client-id", "id", "--private-key-file", "-", input=PEM).exit_code == 0
	assert stored()[0].secret("private_key").reveal() == PEM


def test_a_secret_is_asked_for_where_somebody_sits(run, stored, monkeypatch):
	monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda self: True, raising=False)
	message = run(*ADD, "--client-id", "id", input="typed-in\n")
	assert (message.exit_code, "Private key" in message.output) == (0, True)
	assert stored()[0].secret("private_key").reveal() == "typed-in"
	assert "typed-in" not in message.output


def test_where_nobody_sits_the_sentence_names_the_variable_and_the_file(run):
	message = run(*ADD, "--client-id", "id").stderr
	assert "BANKSYNC_PRIVATE_KEY" in message
	assert "--private-key-file" in message


def test_a_secret_as_an_argument_is_no_option(run):
	message = run(*ADD, "--client-id", "id", "--private-key", PEM)
	assert (message.exit_code, "No such option" in message.stderr) == (2, True)


@pytest.mark.parametrize(
	("words", "sentence"),
	[
		(
			("--application-id", "x"),
			"Fake House has no credential application_id|fake-house has no credential",
		),
		(("--pass-phrase-file", "/nowhere"), "has no credential pass_phrase"),
		(("--environment", "trial"), "trial is not valid for Environment: choose among production, sandbox"),
		((), "Client ID of the provider is empty"),
	],
)
def test_what_the_provider_does_not_declare_or_misses_is_refused(run, words, sentence, tmp_path):
	given = () if not words else ("--client-id", "id")
	message = run(*ADD, *given, "--private-key-file", key_file(tmp_path), *words)
	assert message.exit_code == ConfigurationError.exit_code
	assert re.search(sentence, message.stderr)


def test_an_update_replaces_what_is_given_and_keeps_the_rest(run, stored, tmp_path):
	run(*ADD, "--client-id", "id", "--private-key-file", key_file(tmp_path))
	assert run("update", "ours", "--region", "FR").exit_code == 0
	assert stored()[0].texts == {"client_id": "id", "environment": "production", "region": "FR"}
	assert stored()[0].secret("private_key").reveal() == PEM


def test_a_credential_that_nobody_declares_is_refused_by_the_action_too():
	with pytest.raises(ConfigurationError, match=r"no credential colour\. It has: client_id"):
		new_subscription(
			"ours",
			"Fake House",
			{"client_id": "i", "private_key": "k", "environment": "sandbox", "colour": "red"},
		)


# -- the form ----------------------------------------------------------------------------------------------
@pytest.fixture
def visitor(tmp_path):
	with Site(tmp_path / "home") as site, WebServer(site) as server:
		one = enter(server)
		yield one
		one.http.close()


def fields_of(page):
	"""Return (element, type, name) of what can be entered."""
	found = re.findall(r'<(input|textarea|select)\b([^>]*)\bname="(\w+)"', page)
	kinds = [(re.search(r'type="(\w+)"', before), element, name) for element, before, name in found]
	fixed = ("csrf_token", "provider_name", "provider_type", "base_url")
	return [(element, kind[1] if kind else "", name) for kind, element, name in kinds if name not in fixed]


def post(visitor, **form):
	given = {"provider_name": "ours", "provider_type": "Fake House", "base_url": "", **form}
	return visitor.post("/new/sync-provider", data={"csrf_token": visitor.csrf_token, **given})


def test_the_form_has_the_declared_fields_each_once(visitor):
	page = visitor.get("/new/sync-provider?type=Fake+House").text
	names = [name for _, _, name in fields_of(page)]
	assert sorted(names) == ["client_id", "environment", "private_key", "region"]
	assert "textarea" in [element for element, _, name in fields_of(page) if name == "private_key"]
	assert re.findall(r'<option[^>]*value="(\w+)"', page) == ["production", "sandbox"]
	other = visitor.get("/new/sync-provider?type=Other+House").text
	assert sorted(name for _, _, name in fields_of(other)) == ["environment", "pass_phrase"]
	assert 'type="password"' in other


def test_the_form_stores_the_declared_fields(visitor, stored):
	visitor.get("/new/sync-provider?type=Fake+House")
	message = post(visitor, client_id="id", private_key=PEM, environment="sandbox", region="FR", colour="red")
	assert message.status_code == 303, message.text
	subscription, environment = stored()
	assert subscription.texts == {"client_id": "id", "environment": "sandbox", "region": "FR"}
	assert subscription.secret("private_key").reveal().splitlines() == PEM.splitlines()
	assert environment == "Sandbox"


def test_a_refused_form_comes_back_without_the_secret(visitor):
	visitor.get("/new/sync-provider?type=Fake+House")
	message = post(visitor, client_id="", private_key="top-secret-9", environment="sandbox", region="FR")
	assert message.status_code == 422
	assert 'value="FR"' in message.text
	assert "top-secret-9" not in message.text


# -- no second list -------------------------------------------------------------------------------------------
def test_no_file_outside_the_registration_lists_providers():
	names = [one for one in registry.provider_types() if "House" not in one]
	spellings = {
		name: {name, name.lower(), registry.option_name(name), name.replace(" ", "")} for name in names
	}
	listing = []
	for file in PACKAGE.rglob("*"):
		home = file.relative_to(PACKAGE).parts[0]
		if file.suffix not in (".py", ".js", ".html", ".json") or home in (
			"providers",
			"sandbox",
			"translations",
		):
			continue
		text = file.read_text(encoding="utf-8")
		named = {
			name
			for name, all_of in spellings.items()
			for one in all_of
			if re.search(rf"[\"'\\n]{one}[\"'\\]", text)
		}
		if len(named) > 1:
			listing.append((str(file.relative_to(PACKAGE)), named))
	assert len(names) > 1
	assert listing == []
