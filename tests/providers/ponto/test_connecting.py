"""Keys, authorizations, tokens that are used up by their use, and their end, over real HTTP."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from dokos_banksync.core.errors import (
	ConfigurationError,
	ConsentRevoked,
	LoginRequired,
	NotFound,
	SyncError,
	TemporaryError,
)
from dokos_banksync.core.model import ConnectionStatus, FetchRequest
from dokos_banksync.core.provider import Access, ConnectRequest, GrantStore, Secret, Subscription
from dokos_banksync.providers.ponto import PontoProvider
from dokos_banksync.providers.ponto.certificate import CertificateFiles
from dokos_banksync.providers.process_stores import (
	ProcessGrantStore,
	ProcessRateLimitStore,
	ProcessSecretStore,
)
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.jose import key_pair, private_pem
from dokos_banksync.sandbox.user import Customer
from tests.providers.enable_banking.stage import shown
from tests.providers.ponto.stage import CALLBACK, OwnStage, Stage, query


def statuses(stage: Stage, path: str) -> list[int]:
	return [call.status for call in stage.seen if call.path.endswith(path)]


def tokens_of(grant: GrantStore) -> dict[str, str]:
	stored = grant.read()
	assert stored is not None
	return dict(json.loads(stored.reveal()))


# -- the subscription --------------------------------------------------------------------------------
def test_check_of_ponto_connect(ponto: Stage) -> None:
	found = ponto.provider.check()
	assert found.institutions == 15
	assert (found.remarks, found.fixed_return) == ([], True)


def test_check_of_a_custom_integration(own: OwnStage) -> None:
	assert own.provider.check().remarks == []
	assert not own.provider.check().fixed_return
	own.state.forget()
	own.pass_days(1)
	assert "No account is shared" in own.provider.check().remarks[0]


@pytest.mark.parametrize("stage", ["ponto", "own"])
def test_wrong_keys(stage: str, request: pytest.FixtureRequest) -> None:
	with pytest.raises(ConfigurationError, match="client ID and the client secret") as caught:
		request.getfixturevalue(stage).provider_with("wrong-secret").check()
	assert "wrong-secret" not in shown(caught.value)


def test_keys_of_the_other_kind(own: OwnStage) -> None:
	provider = own.provider_with(own.secret, integration="custom-integration", client_id="ponto-client")
	with pytest.raises(ConfigurationError):
		provider.check()


# -- the first authorization ---------------------------------------------------------------------------
def test_an_authorization(ponto: Stage) -> None:
	access = ponto.connect()
	found = ponto.provider.status(access)
	assert found.remote_id == access.remote_id == f"{access.remote_user}:{ponto.bank()}"
	assert found.institution_id == ponto.bank()
	assert (found.status, found.code) == (ConnectionStatus.ACTIVE, "")
	assert found.consent_expires_at == datetime(2027, 5, 15, 8, 0, tzinfo=timezone.utc)
	assert found.last_refresh_at == ponto.time.now()


def test_a_bank_that_is_chosen_at_ponto(ponto: Stage) -> None:
	access = ponto.connect(None, Customer(institution=601))
	assert ponto.provider.status(access).institution_id == ponto.bank(601)
	assert len(ponto.provider.accounts(access)) == 4


def test_two_banks_of_one_organization_are_two_connections(ponto: Stage) -> None:
	demo, aurore = ponto.connect(574), ponto.connect(601)
	assert demo.remote_user == aurore.remote_user
	assert demo.remote_id != aurore.remote_id
	ours = {one.remote_id for one in ponto.provider.accounts(demo)}
	theirs = {one.remote_id for one in ponto.provider.accounts(aurore)}
	assert (len(ours), len(theirs)) == (10, 4)
	assert not ours & theirs


def test_another_bank_than_the_one_that_was_chosen_is_not_taken_for_it(ponto: Stage) -> None:
	request = ConnectRequest(CALLBACK, "state-0001", "key", "", institution_id=ponto.bank(620))
	started = ponto.provider.start(request)
	back = dict(
		query(
			Customer(institution=601).consent(
				ponto.provider.start(ConnectRequest(CALLBACK, "state-0001", "key", "")).url
			)
		)
	)
	done = ponto.provider.complete(back, Access(), started.session)
	assert done.connection is None
	assert done.message


def test_giving_up_and_failing(ponto: Stage) -> None:
	started = ponto.provider.start(ConnectRequest(CALLBACK, "state-0001", "key", ""))
	gave_up = ponto.provider.complete(query(Customer().cancel(started.url)), Access(), started.session)
	assert (gave_up.connection, gave_up.cancelled) == (None, True)
	failed = ponto.give_consent(user=Customer(login="fail"))
	assert (failed.connection, failed.cancelled) == (None, False)
	assert failed.message


def test_a_code_belongs_to_the_visit_that_asked_for_it(ponto: Stage) -> None:
	"""Even a code that comes back with the right state is of no use without the verifier (RFC 7636)."""
	request = ConnectRequest(CALLBACK, "state-0001", "key", "")
	mine, theirs = ponto.provider.start(request), ponto.provider.start(request)
	stolen = query(Customer().consent(theirs.url))
	done = ponto.provider.complete(stolen, Access(), mine.session)
	assert done.connection is None
	assert "invalid_grant" in done.reference
	other = ponto.provider.complete({**stolen, "state": "state-0002"}, Access(), theirs.session)
	assert other.connection is None


def test_an_address_that_is_not_registered(ponto: Stage) -> None:
	started = ponto.provider.start(ConnectRequest("https://books.example/x", "state-0001", "key", ""))
	with pytest.raises(Exception, match="400"):
		Customer().consent(started.url)


# -- a custom integration --------------------------------------------------------------------------------
def test_a_custom_integration_has_no_page(own: OwnStage) -> None:
	request = ConnectRequest(CALLBACK, "state-0001", "key", "", institution_id=own.bank())
	started = own.provider.start(request)
	assert started.url == f"{CALLBACK}?state=state-0001"
	done = own.provider.complete({"state": "state-0001"}, Access(), started.session)
	assert done.connection is not None
	assert not done.grant
	access = Access(done.remote_user, done.connection.remote_id)
	assert done.connection.remote_id == f"own:{own.bank()}"
	assert len(own.provider.accounts(access)) == 10
	assert own.provider.status(access).status is ConnectionStatus.ACTIVE
	account = own.account(access)
	lines = [line for page in own.provider.changes(access, [FetchRequest(account)]) for line in page.lines]
	assert len(lines) > 100


def test_a_bank_that_is_not_in_the_dashboard(own: OwnStage) -> None:
	done = own.visit_without_page(601)
	assert done.connection is None
	assert "share its accounts" in done.message
	own.state.link(601)
	assert own.visit_without_page(601).connection is not None


def test_a_return_to_a_custom_integration_needs_its_state(own: OwnStage) -> None:
	started = own.provider.start(ConnectRequest(CALLBACK, "state-0001", "key", ""))
	assert own.provider.complete({"state": "x"}, Access(), started.session).connection is None
	assert own.provider.complete({}, Access(), started.session).connection is None


def test_a_custom_integration_is_not_ended_from_here(own: OwnStage) -> None:
	done = own.visit_without_page(574)
	assert done.connection is not None
	access = Access("", done.connection.remote_id)
	own.provider.revoke(access)
	assert own.provider.status(access).status is ConnectionStatus.ACTIVE


# -- tokens ------------------------------------------------------------------------------------------
def test_a_token_is_used_until_it_ends_and_then_exchanged(ponto: Stage) -> None:
	access = ponto.connect()
	first = tokens_of(access.grant)
	ponto.seen.clear()
	ponto.provider.accounts(access)
	assert statuses(ponto, "/token") == []
	ponto.pass_days(0.1)
	ponto.provider.accounts(access)
	assert statuses(ponto, "/token") == [200]
	second = tokens_of(access.grant)
	assert first["refresh_token"] != second["refresh_token"]
	assert first["access_token"] != second["access_token"]


def test_a_token_that_ponto_refuses_is_exchanged_once(ponto: Stage) -> None:
	access = ponto.connect()
	ponto.state.tokens.clear()
	ponto.seen.clear()
	assert ponto.provider.accounts(access)
	assert statuses(ponto, "/accounts") == [401, 200]


def test_many_processes_exchange_a_refresh_token_once(ponto: Stage) -> None:
	"""A second exchange of the same token would end the whole link at Ponto."""
	access = ponto.connect()
	ponto.pass_days(0.1)
	ponto.seen.clear()
	failures: list[BaseException] = []

	def read() -> None:
		try:
			ponto.provider.accounts(access)
		except BaseException as error:  # noqa: BLE001 - shown by the test
			failures.append(error)

	threads = [threading.Thread(target=read) for _ in range(6)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	assert failures == []
	assert statuses(ponto, "/token") == [200]


def test_a_refresh_token_is_never_sent_twice(ponto: Stage) -> None:
	access = ponto.connect()
	ponto.pass_days(0.1)
	ponto.seen.clear()
	ponto.server.faults.add(Fault("half", path="/ponto/ponto-connect/oauth2/token"))
	with pytest.raises(TemporaryError):
		ponto.provider.accounts(access)
	assert len(statuses(ponto, "/token")) == 1


def test_a_link_that_ended_asks_for_a_new_one(ponto: Stage) -> None:
	access = ponto.connect()
	ponto.server.ponto.simulations["end_integration"]()
	for read in (ponto.provider.status, ponto.provider.accounts):
		with pytest.raises(ConsentRevoked):
			read(access)
	again = ponto.give_consent(access=access)
	assert again.connection is not None
	assert again.connection.remote_id == access.remote_id
	assert again.grant


def test_a_grant_is_replaced_under_its_lock(ponto: Stage) -> None:
	access = ponto.connect()
	events: list[str] = []

	class Watched(ProcessGrantStore):
		@contextmanager
		def lock(self):  # type: ignore[no-untyped-def]
			events.append("lock")
			yield
			events.append("unlock")

		def write(self, expected: Secret | None, grant: Secret) -> bool:
			events.append("write")
			return super().write(expected, grant)

	ponto.pass_days(0.1)
	ponto.provider.accounts(access._replace(grant=Watched(access.grant.read())))
	assert events == ["lock", "write", "unlock"]


def test_no_secret_shows_in_an_error(ponto: Stage) -> None:
	access = ponto.connect()
	secrets = tokens_of(access.grant)
	ponto.server.faults.add(Fault("status", path="/ponto/ponto-connect/accounts", status=403, count=9))
	with pytest.raises(SyncError) as caught:
		ponto.provider.accounts(access)
	for name in ("access_token", "refresh_token"):
		assert secrets[name] not in shown(caught.value)
	assert ponto.secret not in shown(caught.value)


# -- the life of an authorization ----------------------------------------------------------------------
def expire(stage: Stage, *account_ids: str) -> None:
	for account_id in account_ids:
		stage.server.ponto.simulations["expire"](account_id=account_id)


def test_one_account_whose_authorization_ended(ponto: Stage) -> None:
	access = ponto.connect()
	expire(ponto, ponto.account(access))
	found = ponto.provider.status(access)
	assert (found.status, found.code) == (ConnectionStatus.CONSENT_EXPIRED, "BS-201")
	assert found.consent_expires_at == ponto.time.now()
	renewed = ponto.give_consent(access=access)
	assert renewed.connection is not None
	assert renewed.connection.status is ConnectionStatus.ACTIVE
	assert not renewed.grant
	assert ponto.provider.status(access).status is ConnectionStatus.ACTIVE


def test_where_each_account_needs_a_visit_of_its_own(ponto: Stage) -> None:
	ponto.server.ponto.simulations["settings"](renews_siblings=False)
	access = ponto.connect()
	one, two = ponto.account(access), ponto.account(access, "Compte courant secondaire")
	expire(ponto, one, two)
	first = ponto.give_consent(access=access).connection
	second = ponto.give_consent(access=access).connection
	assert first is not None
	assert second is not None
	assert (first.status, second.status) == (ConnectionStatus.CONSENT_EXPIRED, ConnectionStatus.ACTIVE)


def test_a_renewal_before_the_end(ponto: Stage) -> None:
	access = ponto.connect()
	ponto.pass_days(30)
	before = ponto.provider.status(access).consent_expires_at
	assert before is not None
	after = ponto.give_consent(access=access, renew=True).connection
	assert after is not None
	assert after.consent_expires_at == before + timedelta(days=30)


def test_ids_stay_over_a_renewal(ponto: Stage) -> None:
	access = ponto.connect()
	before = {one.remote_id for one in ponto.provider.accounts(access)}
	expire(ponto, *before)
	ponto.give_consent(access=access)
	assert {one.remote_id for one in ponto.provider.accounts(access)} == before


def test_a_visit_that_is_no_renewal_adds_accounts(ponto: Stage) -> None:
	ponto.give_consent(user=Customer(accounts=["Caisse"]))
	access = ponto.connect(user=Customer(accounts=["Caisse"]))
	assert len(ponto.provider.accounts(access)) == 1
	ponto.give_consent(access=access)
	assert len(ponto.provider.accounts(access)) == 10


def test_revoking_ends_just_that_bank(ponto: Stage) -> None:
	demo, aurore = ponto.connect(574), ponto.connect(601)
	for _ in range(2):
		ponto.provider.revoke(demo)
		with pytest.raises(ConsentRevoked):
			ponto.provider.status(demo)
	assert ponto.provider.status(aurore).status is ConnectionStatus.ACTIVE


def test_a_bank_under_maintenance(ponto: Stage) -> None:
	access = ponto.connect(601)
	institution = ponto.server.world.institutions[601]
	object.__setattr__(institution, "down", True)
	try:
		ponto.pass_days(1)
		found = ponto.provider.status(access)
		assert (found.status, found.code) == (ConnectionStatus.BANK_UNAVAILABLE, "BS-401")
	finally:
		object.__setattr__(institution, "down", False)


def test_a_bank_that_asks_for_its_customer(ponto: Stage) -> None:
	access = ponto.connect(603)
	found = ponto.provider.status(access)
	assert (found.status, found.code) == (ConnectionStatus.ACTION_REQUIRED, "BS-200")
	assert "authorizationActionRequired" in found.reference


def test_nobody(ponto: Stage) -> None:
	ponto.provider.revoke(Access())
	with pytest.raises(LoginRequired):
		ponto.provider.status(Access())
	with pytest.raises(NotFound):
		ponto.provider.status(Access("", "no id of ours"))
	with pytest.raises(ConsentRevoked):
		ponto.provider.status(Access("", "o:b"))


# -- mutual TLS --------------------------------------------------------------------------------------
def pair(purpose: str = "a certificate") -> tuple[str, str]:
	"""A self-signed certificate and its key, as PEM."""
	key = key_pair(purpose)
	name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "books.example")])
	start = datetime(2026, 1, 1, tzinfo=timezone.utc)
	made = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + timedelta(days=3650))
	signed = made.sign(key, hashes.SHA256())
	return signed.public_bytes(serialization.Encoding.PEM).decode(), private_pem(key)


def test_a_certificate_is_in_files_that_only_we_read_and_only_as_long_as_needed() -> None:
	pem, key_pem = pair()
	files = CertificateFiles(Secret(pem), Secret(key_pem))
	assert files.paths is not None
	certificate, key = (Path(one) for one in files.paths)
	assert (certificate.read_text(), key.read_text()) == (pem, key_pem)
	assert {one.stat().st_mode & 0o777 for one in (certificate, key)} == {0o600}
	assert certificate.parent.stat().st_mode & 0o777 == 0o700
	files.close()
	assert not certificate.parent.exists()


def test_no_certificate_makes_no_file() -> None:
	files = CertificateFiles(Secret(""), Secret(""))
	assert files.paths is None
	files.close()


def test_half_a_certificate_is_none() -> None:
	certificate, key = pair()
	for one, two in ((certificate, ""), ("", key), (key, certificate), ("x", "y")):
		with pytest.raises(ConfigurationError, match="client certificate and its private key"):
			CertificateFiles(Secret(one), Secret(two))


def test_a_key_of_another_certificate(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
	monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
	broken = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
	for certificate, key in ((pair()[0], pair("another")[1]), (broken, pair()[1])):
		with pytest.raises(ConfigurationError, match="do not belong together"):
			CertificateFiles(Secret(certificate), Secret(key))
	assert list(tmp_path.iterdir()) == []


def test_the_certificate_goes_with_every_call(ponto: Stage) -> None:
	certificate, key = pair()
	secrets = {"client_secret": Secret("s"), "certificate": Secret(certificate), "private_key": Secret(key)}
	texts = {"client_id": "c", "integration": "ponto-connect"}
	keys = Subscription("Ponto", texts, secrets, "https://127.0.0.1:9")
	provider = PontoProvider(
		keys,
		ProcessSecretStore(ponto.time.now),
		ProcessRateLimitStore(),
		ponto.time.now,
		sleep=ponto.time.sleep,
	)
	assert provider._client._http._session.cert == provider._files.paths
	assert provider._files.paths is not None
	provider.close()
