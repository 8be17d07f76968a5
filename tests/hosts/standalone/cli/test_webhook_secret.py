"""`banksync provider update --webhook-secret`: kept locked, never shown, never in the way of fetching."""

from __future__ import annotations

from pathlib import Path

from dokos_banksync.hosts.standalone.home import KEY
from dokos_banksync.hosts.standalone.site import Site
from tests.hosts.standalone.cli.conftest import SECRET, Terminal


def kept(terminal: Terminal) -> list[str]:
	with Site(terminal.home) as site:
		return [secret.reveal() for secret in site.ledger.subscription("bridge")[1].webhook_secrets]


def test_from_the_environment(terminal: Terminal, provider: str) -> None:
	message = terminal(
		"provider",
		"update",
		provider,
		"--webhook-secret",
		env={"BANKSYNC_WEBHOOK_SECRET": "whsec-1"},
	).output
	assert kept(terminal) == ["whsec-1"]
	assert "whsec" not in message + terminal("provider", "list", "--json").output


def test_two_from_a_file_and_none_from_an_empty_one(
	terminal: Terminal, provider: str, tmp_path: Path
) -> None:
	file = tmp_path / "secrets"
	for text, secrets in (("old\nnew\n", ["old", "new"]), ("", [])):
		file.write_text(text)
		terminal("provider", "update", provider, "--webhook-secret-file", str(file))
		assert kept(terminal) == secrets


def test_from_nowhere(terminal: Terminal, provider: str) -> None:
	words = ("provider", "update", provider, "--webhook-secret")
	assert "BANKSYNC_WEBHOOK_SECRET" in terminal.error(*words, code=3)
	file = ("provider", "update", provider, "--webhook-secret-file", "/nowhere")
	assert "/nowhere" in terminal.error(*file, code=3)
	assert kept(terminal) == []


def test_the_keys_and_what_they_gave_stay(terminal: Terminal, connection: str) -> None:
	with Site(terminal.home) as site:
		before = site.ledger.db.value("SELECT count(*) FROM provider_secret")
		assert before
	env = {"BANKSYNC_WEBHOOK_SECRET": "whsec-1"}
	terminal("provider", "update", "bridge", "--webhook-secret", env=env)
	with Site(terminal.home) as site:
		assert site.ledger.db.value("SELECT count(*) FROM provider_secret") == before
	terminal("sync", connection)


def test_a_lost_key_takes_the_webhook_with_it_and_nothing_else(terminal: Terminal, connection: str) -> None:
	terminal("provider", "update", "bridge", "--webhook-secret", env={"BANKSYNC_WEBHOOK_SECRET": "whsec-1"})
	(terminal.home / KEY).unlink()
	terminal("provider", "update", "bridge", "--secret", env=SECRET)
	assert kept(terminal) == []
	terminal("sync", connection)
