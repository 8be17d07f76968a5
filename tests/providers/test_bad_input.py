"""Wrong keys, answers that make no sense, access that ends elsewhere: a clear sentence for each, and nothing is lost.

Every provider is asked over HTTP, through a standalone site. The expected sentences are written out.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.core.errors import (
	ConfigurationError,
	ConsentExpired,
	ConsentRevoked,
	ProviderBug,
	SyncError,
)
from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.core.records import RunStatus
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.plaid.model import PRODUCTION_SECRET
from dokos_banksync.sandbox.ponto.model import OWN_CLIENT_ID, OWN_CLIENT_SECRET
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer, Lost
from tests.providers.bad_input import MAIN, PROVIDERS, ROWS, STATE, At, Happening, Story, other_key, story
from tests.providers.every_provider import register_return, serving
from tests.providers.whole_way import ACCOUNT, BANK, CALLBACK, PROVIDER, Way

EACH = pytest.mark.parametrize("name", PROVIDERS)
ELSEWHERE = "https://books.example/banksync/callback"
OF_NO_APPLICATION = "99999999-1111-4222-8333-444455556666"

BRIDGE_KEYS = "Bridge does not accept the keys. Check the client ID and the client secret of the provider."
EB_KEYS = (
	"Enable Banking does not accept the signature of our calls. Check that the application ID and the private key "
	"belong together, and that the application still exists in the control panel."
)
GC_KEYS = "GoCardless refuses the keys. Check the secret ID and the secret key."
PLAID_KEYS = (
	"Plaid does not accept the keys. Check the client ID and the secret: each environment (sandbox, production) has "
	"its own secret."
)
PONTO_KEYS = "Ponto does not accept the keys. Check the client ID and the client secret."
POWENS_KEYS = "Powens refuses the keys. Check the domain, the client ID and the client secret."
SALT_KEYS = "Salt Edge does not accept the keys. Check the App-id and the secret; version 6 needs keys of the type Service."
SALT_SIGNATURE = (
	"Salt Edge does not accept the signature of our calls. Check that the private key of the provider belongs to the "
	"public key in Salt Edge's dashboard."
)


def nothing(_server: SandboxServer) -> None:
	"""Leave the sandbox as it is."""


def refuse(path: str, status: int, code: str = "") -> Callable[[SandboxServer], None]:
	"""Have the provider answer calls of a path with one of its own errors."""
	return lambda server: server.faults.add(Fault("status", path, count=None, status=status, code=code))


@dataclass(frozen=True)
class Wrong:
	"""A subscription with something wrong, and the sentence that says so."""

	provider: str
	sentence: str
	keys: Mapping[str, str] = field(default_factory=dict)
	arrange: Callable[[SandboxServer], object] = nothing
	institution: str = ""

	def __str__(self) -> str:
		return f"{self.provider} {' '.join(self.keys)}".strip()


WRONG_KEYS = (
	Wrong("bridge", BRIDGE_KEYS, {"client_id": "another"}),
	Wrong("bridge", BRIDGE_KEYS, {"client_secret": "another"}),
	Wrong("enable-banking", EB_KEYS, {"application_id": OF_NO_APPLICATION}),
	Wrong("gocardless", GC_KEYS, {"secret_id": "another"}),
	Wrong("gocardless", GC_KEYS, {"secret_key": "another"}),
	Wrong("plaid", PLAID_KEYS, {"client_id": "another"}),
	Wrong("plaid", PLAID_KEYS, {"client_secret": "another"}),
	Wrong("ponto", PONTO_KEYS, {"client_id": "another"}),
	Wrong("ponto", PONTO_KEYS, {"client_secret": "another"}),
	Wrong("powens", POWENS_KEYS, {"client_id": "10203041"}),
	Wrong("powens", POWENS_KEYS, {"client_secret": "another"}),
	Wrong("salt-edge", SALT_KEYS, {"app_id": "another"}),
	Wrong("salt-edge", SALT_KEYS, {"client_secret": "another"}),
)
OF_ANOTHER_APPLICATION = (
	Wrong("enable-banking", EB_KEYS, {"private_key": other_key()}),
	Wrong("salt-edge", SALT_SIGNATURE, {"private_key": other_key()}),
	Wrong(
		"ponto",
		"The keys are of another kind of integration. Check in Ponto what they were made for.",
		{"client_id": OWN_CLIENT_ID, "client_secret": OWN_CLIENT_SECRET},
	),
)
WRONG_ENVIRONMENT = (
	Wrong("plaid", PLAID_KEYS, {"client_secret": PRODUCTION_SECRET}),
	Wrong(
		"salt-edge",
		"The Salt Edge client is still pending: it may only connect fake banks. Ask Salt Edge for test or live access.",
		arrange=lambda server: setattr(next(iter(server.salt_edge.clients.values())), "state", "pending"),
		institution="credit_lavandiere_fr",
	),
)
WITHOUT_THE_PRODUCT = (
	Wrong(
		"bridge",
		"Bridge forbids this. Check in Bridge's dashboard what the application may do and from which IP addresses it "
		"may be used.",
		arrange=refuse("/v3/aggregation/", 403),
	),
	Wrong(
		"enable-banking",
		"The application may not do this. Check in Enable Banking's control panel that it may read accounts.",
		arrange=refuse("/enable_banking/", 403, "ACCESS_DENIED"),
	),
	Wrong(
		"gocardless",
		"GoCardless asks for a payment or a contract. See its portal.",
		arrange=refuse("/gocardless/api/v2/institutions", 402, "PaymentRequired"),
	),
	Wrong(
		"plaid",
		"The Plaid subscription does not include this product. Ask Plaid to enable Transactions.",
		arrange=lambda server: setattr(next(iter(server.plaid.clients.values())), "products", frozenset()),
	),
	Wrong(
		"ponto",
		"The integration may not read accounts. Give it access to account information in Ponto.",
		arrange=refuse("/ponto/ponto-connect/oauth2/token", 400, "invalid_scope"),
	),
	Wrong(
		"powens",
		"Powens's domain is not set up for this call. Ask Powens's support, with the reference.",
		arrange=refuse("/powens/2.0/auth/init", 400, "config"),
	),
	Wrong(
		"salt-edge",
		"Salt Edge has restricted or disabled this client. Ask Salt Edge's support.",
		arrange=lambda server: setattr(next(iter(server.salt_edge.clients.values())), "state", "disabled"),
	),
)


def check_sentence(error: SyncError, sentence: str) -> None:
	"""The error says exactly this, and has French words for it that are not the English ones."""
	assert str(error) == sentence
	assert Translations("fr").error(error) != sentence


@EACH
def test_every_provider_has_a_case_of_each_kind(name: str) -> None:
	"""The environment is part of the keys at the others: Bridge's and Powens's sandboxes have keys of their own, GoCardless
	and Enable Banking have one host, Ponto's organization is a sandbox or is none.
	"""
	for cases in (WRONG_KEYS, WITHOUT_THE_PRODUCT):
		assert name in {case.provider for case in cases}


@pytest.mark.parametrize(
	"wrong", [*WRONG_KEYS, *OF_ANOTHER_APPLICATION, *WRONG_ENVIRONMENT, *WITHOUT_THE_PRODUCT], ids=str
)
def test_a_subscription_that_is_wrong_says_what_to_change(tmp_path: Path, wrong: Wrong) -> None:
	with serving() as server:
		given = PROVIDERS[wrong.provider](server)
		wrong.arrange(server)
		way = Way(tmp_path, server, MAIN)
		way.add_provider(given.kind, {**given.keys, **wrong.keys}, given.url)
		with pytest.raises(ConfigurationError) as caught:
			if not wrong.institution:
				way.site.check_provider(PROVIDER)
			bank = wrong.institution or given.institution
			way.site.begin_connect(BANK, PROVIDER, bank, CALLBACK, "anne", "anne@example.org")
		way.close()
	check_sentence(caught.value, wrong.sentence)
	assert caught.value.reference


# -- the address to return to ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
	("name", "sentence"),
	[
		(
			"bridge",
			"Bridge refuses to open its page (HTTP 400: invalid_property callback_url The domain of callback_url is not "
			f"in the application's list). Check the email, the bank, and in Bridge's dashboard that the domain of {ELSEWHERE} "
			"is allowed.",
		),
		(
			"enable-banking",
			f"The address {ELSEWHERE} is not registered. Add it, letter by letter, to the redirect URLs of the application "
			"in Enable Banking's control panel.",
		),
	],
)
def test_an_address_that_is_not_registered_is_named(tmp_path: Path, name: str, sentence: str) -> None:
	with serving() as server:
		given = PROVIDERS[name](server)
		way = Way(tmp_path, server, MAIN)
		way.add_provider(given.kind, given.keys, given.url)
		with pytest.raises(ConfigurationError) as caught:
			way.site.begin_connect(BANK, PROVIDER, given.institution, ELSEWHERE, "anne", "anne@example.org")
		way.close()
	check_sentence(caught.value, sentence)


@pytest.mark.parametrize("name", ["ponto", "powens"])
def test_an_address_that_only_the_providers_page_refuses_is_asked_for_by_the_check(
	tmp_path: Path, name: str
) -> None:
	"""These providers do not say which addresses are registered: the check says that one has to be."""
	with serving() as server:
		given = PROVIDERS[name](server)
		register_return(server, CALLBACK)
		way = Way(tmp_path, server, MAIN)
		way.add_provider(given.kind, given.keys, given.url)
		assert way.site.check_provider(PROVIDER).fixed_return
		link = way.site.begin_connect(
			BANK, PROVIDER, given.institution, ELSEWHERE, "anne", "anne@example.org"
		)
		with pytest.raises(Lost, match="400"):
			Customer(login=given.login).consent(link.url)
		assert way.site.ledger.count_transactions() == 0
		way.close()


# -- the clock of this server ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
	("name", "sentence"),
	[
		(
			"enable-banking",
			"The clock of this server is 120 minutes ahead of Enable Banking's, so that our signature is not accepted. "
			"Set it to the right time.",
		),
		("salt-edge", "Salt Edge finds our signature expired. Check the clock of this server."),
	],
)
def test_a_clock_that_is_wrong_is_named_and_the_rows_stay(tmp_path: Path, name: str, sentence: str) -> None:
	"""Both sign their calls with the time; no other provider's calls bear one."""
	with story(tmp_path, name) as made:
		made.way.sync()
		held = made.way.held()
		made.pass_days(2)
		now, hours = made.server.world.clock.now, 2 if name == "enable-banking" else -2
		made.way.site.clock = lambda: now() + timedelta(hours=hours)
		with pytest.raises(ConfigurationError) as caught:
			made.way.sync()
		check_sentence(caught.value, sentence)
		assert made.way.held() == held
		made.way.site.clock = now
		made.way.sync()
		assert made.way.held() == made.way.truth()


# -- a bank or a provider that answers nonsense ------------------------------------------------------------------------
SHOWN = {
	"bridge": "Bridge",
	"enable-banking": "Enable Banking",
	"gocardless": "GoCardless",
	"plaid": "Plaid",
	"ponto": "Ponto",
	"powens": "Powens",
	"salt-edge": "Salt Edge",
}
ROW_FIELDS = {
	"bridge": "resources",
	"enable-banking": "transactions",
	"gocardless": "booked",
	"plaid": "added",
	"ponto": "data",
	"powens": "transactions",
	"salt-edge": "data",
}
STATE_FIELDS = {
	"bridge": "id",
	"enable-banking": "status",
	"gocardless": "status",
	"plaid": "item_id",
	"ponto": "data",
	"powens": "id",
	"salt-edge": "customer_id",
}


def without(name: str, field_: str) -> str:
	shown = SHOWN[name]
	return (
		f"{shown} sent an answer without the field {field_}, which its documents promise. What was imported before stays. "
		f"Fetch again later; if it happens again, report it to the support of {shown}."
	)


def fetched(made: Story) -> None:
	"""Fetch again and hold the books against the bank."""
	made.way.sync()
	assert made.way.held() == made.way.truth()


@EACH
@pytest.mark.parametrize("what", ["rows", "state"])
def test_an_answer_of_another_shape_is_no_news(tmp_path: Path, name: str, what: str) -> None:
	"""Nothing is imported or removed, and the consent is not taken for ended."""
	paths, fields = (ROWS, ROW_FIELDS) if what == "rows" else (STATE, STATE_FIELDS)
	with story(tmp_path, name) as made:
		fetched(made)
		held = made.way.held()
		made.pass_days(2)
		made.server.faults.add(At("nonsense", paths[name]))
		with pytest.raises(ProviderBug) as caught:
			made.way.sync()
		check_sentence(caught.value, without(name, fields[name]))
		assert made.way.held() == held
		assert made.way.site.ledger.connection(made.way.connection).status is ConnectionStatus.ERROR
		made.server.faults.clear()
		fetched(made)


@EACH
def test_rows_without_an_amount_are_reported_and_come_later(tmp_path: Path, name: str) -> None:
	"""The provider corrects its answer in silence: no row is marked as changed."""
	with story(tmp_path, name) as made:
		fetched(made)
		held = made.way.held()
		made.pass_days(2)
		made.server.faults.add(At("garbled", ROWS[name]))
		run = made.way.sync()
		assert run.status is RunStatus.PARTIAL
		assert run.refused > 0
		assert made.way.held() == held
		made.server.faults.clear()
		fetched(made)


# -- a consent that ends, and access that ends elsewhere ----------------------------------------------------------------
ENDED = {
	"bridge": "The consent at the bank has ended. Renew it.",
	"enable-banking": "The consent at the bank has ended. Renew it.",
	"gocardless": "The consent at the bank has ended or was withdrawn. Renew it.",
	"plaid": "The consent at the bank has ended. Renew it.",
	"ponto": "The authorization of this account has ended. Renew it.",
	"powens": "The consent at the bank has ended. Renew it.",
	"salt-edge": "The consent at the bank has ended. Renew it.",
}
GOES_ON = frozenset({"bridge", "ponto", "powens", "salt-edge"})
"""Providers that go on to serve the rows that they have: the next fetch learns of the end."""


@EACH
def test_a_consent_that_ends_in_the_middle_of_an_import(tmp_path: Path, name: str) -> None:
	"""After the state was read and before the rows are: what there is stays, and a renewal brings the rest."""
	with story(tmp_path, name) as made:
		fetched(made)
		held = made.way.held()
		made.pass_days(2)
		made.server.faults.add(Happening(ROWS[name], made.end_consent))
		if name in GOES_ON:
			made.way.sync()
			assert made.way.held() == made.way.truth()
			made.way.sync()
		else:
			with pytest.raises(ConsentExpired) as caught:
				made.way.sync()
			check_sentence(caught.value, ENDED[name])
			assert made.way.held() == held
		record = made.way.site.ledger.connection(made.way.connection)
		assert (record.status, str(record.status_message)) == (ConnectionStatus.CONSENT_EXPIRED, ENDED[name])
		made.way.renew(made.user)
		made.pass_days(1)
		fetched(made)


@pytest.mark.parametrize("name", ["enable-banking", "plaid"])
def test_a_consent_that_ends_between_two_pages_of_the_first_import(tmp_path: Path, name: str) -> None:
	"""A part of a list is not taken for the whole list."""
	with story(tmp_path, name, years=0.6) as made:
		made.server.faults.add(Happening(ROWS[name], made.end_consent, after=1))
		with pytest.raises(ConsentExpired):
			made.way.sync()
		assert not made.way.held()
		made.way.renew(made.user)
		fetched(made)


REVOKED = {
	"bridge": "Bridge no longer has this connection. Connect the bank again.",
	"enable-banking": "The consent at the bank was withdrawn. Connect the bank again.",
	"gocardless": "The consent at the bank was withdrawn. Connect the bank again.",
	"plaid": "Plaid no longer has this connection. Connect the bank again.",
	"ponto": "The link with Ponto was ended or its answer came too late. Connect again.",
	"powens": "Powens no longer accepts the access to this connection. Connect the bank again.",
	"salt-edge": "Salt Edge no longer has this connection. Connect the bank again.",
}


@EACH
def test_access_that_was_ended_elsewhere(tmp_path: Path, name: str) -> None:
	with story(tmp_path, name) as made:
		fetched(made)
		held = made.way.held()
		made.pass_days(2)
		made.end_access()
		with pytest.raises(ConsentRevoked) as caught:
			made.way.sync()
		check_sentence(caught.value, REVOKED[name])
		assert made.way.held() == held
		assert made.way.site.ledger.connection(made.way.connection).status is ConnectionStatus.DISCONNECTED
		connection = made.way.connection
		made.way.renew(made.user)
		ledger = made.way.site.ledger
		assert [one.name for one in ledger.connections()] == [made.way.connection] == [connection]
		if name == "plaid":  # which gives no IBAN: the user chooses the account again
			[again] = [one for one in made.way.site.proposals(connection) if one.bank_account == ACCOUNT]
			made.way.site.link(connection, [Choice(again.source, ACCOUNT, again.start_date)])
		[fed] = [one for one in ledger.accounts(connection) if one.bank_account and not one.gone]
		assert fed.bank_account == ACCOUNT
		fetched(made)


# -- two processes, one token --------------------------------------------------------------------------------------------
READ = """
import sys
from datetime import datetime
from pathlib import Path
from dokos_banksync.core.provider import Access
from dokos_banksync.hosts.standalone.site import Site

now = datetime.fromisoformat(sys.argv[2])
with Site(Path(sys.argv[1]), clock=lambda: now) as site:
	[record] = site.ledger.connections()
	access = Access(record.remote_user, record.remote_id, site.ledger.grant(record.name))
	provider = site.provider_of(record.provider)
	print("ready", flush=True)
	sys.stdin.readline()
	print(len(provider.accounts(access)))
"""


def test_two_processes_exchange_a_refresh_token_once(tmp_path: Path) -> None:
	"""Ponto's tokens work once: a second exchange of the same one would end the link."""
	with story(tmp_path, "ponto") as made:
		fetched(made)
		made.pass_days(1)
		made.server.calls.clear()
		now = made.server.world.clock.now().isoformat()
		words = [sys.executable, "-c", READ, str(made.way.site.home), now]
		processes = [
			subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
			for _ in range(2)
		]
		for one in processes:
			assert one.stdout is not None
			assert one.stdout.readline() == "ready\n"
		for one in processes:
			assert one.stdin is not None
			one.stdin.write("go\n")
			one.stdin.flush()
		assert len({one.communicate()[0] for one in processes}) == 1
		assert [one.returncode for one in processes] == [0, 0]
		exchanges = [call.status for call in made.server.calls if call.path.endswith("/oauth2/token")]
		assert exchanges == [200]
		fetched(made)


# -- keys that are replaced at the provider, as in a rotation ----------------------------------------------------------------
ROTATED: Mapping[str, tuple[Mapping[str, str], str]] = {
	"bridge": ({"client_secret": "another"}, BRIDGE_KEYS),
	"enable-banking": ({"private_key": other_key()}, EB_KEYS),
	"gocardless": ({"secret_key": "another"}, GC_KEYS),
	"plaid": ({"client_secret": "another"}, PLAID_KEYS),
	"ponto": ({"client_secret": "another"}, PONTO_KEYS),
	"powens": ({"client_secret": "another"}, POWENS_KEYS),
	"salt-edge": ({"client_secret": "another"}, SALT_KEYS),
}
"""What the site then still has, and the sentence that says so."""
WITHOUT_KEYS = frozenset({"powens"})
"""Where a fetch needs nothing but the connection's own token, which stays valid."""


@EACH
def test_keys_that_were_replaced_at_the_provider_end_no_consent(tmp_path: Path, name: str) -> None:
	"""A connection keeps its consent and its rows, and goes on with the new keys."""
	keys, sentence = ROTATED[name]
	with story(tmp_path, name) as made:
		fetched(made)
		held, site = made.way.held(), made.way.site
		right = PROVIDERS[name](made.server).keys
		site.update_provider(PROVIDER, keys)
		made.server.world.clock.advance(timedelta(days=2))  # every token of the subscription has ended
		made.server.world.refresh()
		if name in WITHOUT_KEYS:
			fetched(made)
			return
		with pytest.raises(ConfigurationError) as caught:
			made.way.sync()
		check_sentence(caught.value, sentence)
		assert made.way.held() == held
		record = site.ledger.connection(made.way.connection)
		assert record.status is ConnectionStatus.ERROR
		assert record.remote_id
		site.update_provider(PROVIDER, {field_: right[field_] for field_ in keys})
		fetched(made)
		assert site.ledger.connection(made.way.connection).status is ConnectionStatus.ACTIVE
