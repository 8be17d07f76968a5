"""`banksync serve` and `sandbox`, which run until Ctrl-C, and `demo`."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable

import click

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.hosts.standalone import web
from dokos_banksync.hosts.standalone.cli.demo import how_to_see, make, perform
from dokos_banksync.hosts.standalone.cli.session import Session, session
from dokos_banksync.hosts.standalone.cli.terminal import bold, dim, good, say
from dokos_banksync.hosts.standalone.entry_tokens import EntryTokens
from dokos_banksync.hosts.standalone.ports import answers, unusable_port
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.sandbox.bridge.limits import Limits
from dokos_banksync.sandbox.clock import Clock
from dokos_banksync.sandbox.server import CLIENT_ID, CLIENT_SECRET, SandboxServer
from dokos_banksync.sandbox.world import World

PAGES_PORT = 8573
SANDBOX_PORT = 8574


@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
	"--port", type=click.IntRange(0, 65535), default=PAGES_PORT, show_default=True, help="0 is any free port."
)
@click.option(
	"--expose", is_flag=True, help="Allow a host that others can reach; nothing is encrypted on the way."
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option("--email", envvar="BANKSYNC_EMAIL", default="", help="The address for the provider's messages.")
def serve(host: str, port: int, expose: bool, no_browser: bool, email: str) -> None:
	"""Serve the standalone site until it is interrupted."""
	current = session()
	_show(current, current.site, host, port, expose=expose, no_browser=no_browser, email=email)


@click.option("--host", default="127.0.0.1", show_default=True, help="The host of the running site.")
@click.option(
	"--port",
	type=click.IntRange(1, 65535),
	default=PAGES_PORT,
	show_default=True,
	help="The port of the running site.",
)
def login(host: str, port: int) -> None:
	"""Print an address that lets one browser in."""
	current = session()
	name = f"[{host}]" if ":" in host else host
	entry = f"http://{name}:{port}/?token={EntryTokens(current.site.home).issue()}"
	head = current.t("This address lets one browser in, once, within ten minutes:")
	current.answer({"entry": entry}, lambda: f"{head} {bold(entry)}")
	if not answers(host, port):
		current.note(current.t("No site answers there yet. Start it in another terminal: banksync serve"))


def _show(
	current: Session,
	site: Site,
	host: str,
	port: int,
	*,
	expose: bool = False,
	no_browser: bool = False,
	email: str = "",
) -> None:
	"""Serve a site until Ctrl-C."""
	current.log_runs = True
	server = web.serve(site, host, port, exposed=expose, email=email)
	try:
		entry = server.new_entry()
		head = current.t("The site is open at:")
		once = current.t(
			"This address lets one browser in, once, within ten minutes. Another one: banksync login"
		)
		if not no_browser:
			webbrowser.open(server.new_entry())
		text = f"{good('✓')} {head} {bold(entry)}\n  {once}"
		_stay(current, {"url": server.url, "entry": entry}, text, server.wait)
	finally:
		server.close()


def _stay(current: Session, record: dict[str, str], text: str, wait: Callable[[], object]) -> None:
	"""Print the address and wait for Ctrl-C, which may come as soon as the address is shown."""
	try:
		current.answer(record, lambda: text)
		current.note(dim(current.t("Ctrl-C ends it.")))
		wait()
	except KeyboardInterrupt:
		current.note("")  # past the ^C of the terminal


@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address to listen on.")
@click.option(
	"--port",
	type=click.IntRange(0, 65535),
	default=SANDBOX_PORT,
	show_default=True,
	help="0 is any free port.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Another number makes other data.")
def sandbox(host: str, port: int, seed: int) -> None:
	"""Serve the sandbox bank until it is interrupted."""
	current = session()
	with _bank(host, port, seed) as bank:
		record = {
			"url": bank.url,
			"client_id": CLIENT_ID,
			"client_secret": CLIENT_SECRET,
			"provider_type": "Bridge",
		}
		head = current.t("The sandbox bank answers at:")
		keys = current.t("Client id {0}, client secret {1}", CLIENT_ID, CLIENT_SECRET)
		text = f"{good('✓')} {head} {bold(bank.url)}\n  {keys}"
		_stay(current, record, text, bank.app.closing.wait)


def _bank(host: str, port: int, seed: int) -> SandboxServer:
	try:
		return SandboxServer(World(seed, Clock.real()), host, port, limits=Limits.documented())
	except ValueError:
		raise ConfigurationError(
			"The sandbox bank serves this machine only: {0} is another one", host
		) from None
	except OSError as error:
		raise unusable_port(port, host, error) from None


@click.option(
	"--serve", "stay", is_flag=True, help="Keep the sandbox bank and the site running until Ctrl-C."
)
@click.option("--keep", is_flag=True, help="Keep the folders of earlier demos.")
@click.option(
	"--port", type=click.IntRange(0, 65535), default=PAGES_PORT, show_default=True, help="Of the site."
)
def demo(stay: bool, keep: bool, port: int) -> None:
	"""Run the main job against the sandbox bank."""
	current = session()
	with make(current, keep) as made:
		matches_bank = perform(current, made)
		if stay:
			_show(current, made.site, "127.0.0.1", port, no_browser=True)
		elif not current.json:
			say("\n" + how_to_see(current, made.site.home, port))
	click.get_current_context().exit(0 if matches_bank else 1)
