"""Users, Connect sessions, the return, and the end of a consent."""

from __future__ import annotations

import pytest

from dokos_banksync.core.errors import ConfigurationError, ConsentRevoked, NotFound, ProviderBug
from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.core.provider import NOBODY, Access, ConnectRequest
from dokos_banksync.providers.bridge import BridgeProvider
from dokos_banksync.providers.bridge.client import TOKEN_PATH
from tests.providers.conftest import ACCESS, TOKEN, USER
from tests.providers.fake_server import Reply, Script

SESSIONS = "/v3/aggregation/connect-sessions"
USERS = "/v3/aggregation/users"
ITEMS = "/v3/aggregation/items"
URL = "https://connect.bridgeapi.io/session/9b1c"


def request(**changes: object) -> ConnectRequest:
	values: dict[str, object] = {
		"callback_url": "https://erp.example/back",
		"state": "st-42",
		"user_key": "dokos-mycompany",
		"email": "jo@example.com",
	}
	return ConnectRequest(**{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture
def connect_routes(script: Script) -> Script:
	script.routes |= {
		f"POST {USERS}": Reply(201, {"uuid": USER, "external_user_id": "dokos-mycompany"}),
		f"POST {SESSIONS}": Reply(201, {"id": "9b1c", "url": URL}),
	}
	return script


def test_a_new_user_and_a_new_item(bridge: BridgeProvider, connect_routes: Script) -> None:
	session = bridge.start(request(country="fr"))
	assert (session.url, session.remote_user) == (URL, USER)
	assert connect_routes.called("POST", USERS)[0].body == {"external_user_id": "dokos-mycompany"}
	assert connect_routes.called("POST", SESSIONS)[0].body == {
		"callback_url": "https://erp.example/back",
		"context": "st-42",
		"account_types": "all",
		"user_email": "jo@example.com",
		"country_code": "FR",
	}


def test_a_known_user_and_a_chosen_bank(bridge: BridgeProvider, connect_routes: Script) -> None:
	asked = request(access=Access(USER), institution_id="574", all_accounts=False)
	assert bridge.start(asked).remote_user == USER
	assert connect_routes.called("POST", USERS) == []
	body = connect_routes.called("POST", SESSIONS)[0].body
	assert (body["provider_id"], body["account_types"]) == (574, "payment")


@pytest.mark.parametrize("renew_now", [True, False])
def test_an_item_is_managed(bridge: BridgeProvider, connect_routes: Script, renew_now: bool) -> None:
	bridge.start(request(access=ACCESS, renew_now=renew_now, institution_id="574", country="FR"))
	body = connect_routes.called("POST", SESSIONS)[0].body
	assert body["item_id"] == 700001
	assert body.get("force_reauthentication", False) is renew_now
	assert not body.keys() & {"provider_id", "user_email", "country_code"}


def test_a_user_that_exists_is_found_on_a_later_page(bridge: BridgeProvider, connect_routes: Script) -> None:
	connect_routes.routes[f"POST {USERS}"] = Reply(409, {"code": "exists"})
	connect_routes.routes[f"GET {USERS}"] = [
		Reply(200, {"resources": [{"uuid": "other"}], "pagination": {"next_uri": f"{USERS}?after=x"}}),
		Reply(200, {"resources": [{"uuid": USER, "external_user_id": "dokos-mycompany"}]}),
	]
	assert bridge.start(request()).remote_user == USER
	connect_routes.routes[f"GET {USERS}"] = Reply(200, {"resources": []})
	with pytest.raises(ProviderBug, match="dokos-mycompany"):
		bridge.start(request())


def test_a_user_who_was_deleted_is_made_anew(bridge: BridgeProvider, connect_routes: Script) -> None:
	token = Reply(200, {"access_token": TOKEN, "expires_at": "2026-10-28T14:00:00Z"})
	connect_routes.routes[f"POST {TOKEN_PATH}"] = [Reply(404), token]
	assert bridge.start(request(access=Access("gone"))).remote_user == USER
	connect_routes.routes[f"POST {TOKEN_PATH}"] = Reply(404)
	with pytest.raises(ConsentRevoked):
		bridge.start(request(access=Access("gone", "700001")))


@pytest.mark.parametrize(
	"change",
	[{"state": ""}, {"state": "under_score"}, {"state": "x" * 101}, {"user_key": ""}, {"user_key": "a b"}],
)
def test_texts_that_bridge_would_refuse(
	bridge: BridgeProvider, connect_routes: Script, change: dict[str, str]
) -> None:
	with pytest.raises(ConfigurationError):
		bridge.start(request(**change))
	assert connect_routes.requests == []


def test_errors_of_a_session(bridge: BridgeProvider, connect_routes: Script) -> None:
	connect_routes.routes[f"POST {SESSIONS}"] = Reply(400, {"code": "invalid_callback"})
	with pytest.raises(ConfigurationError, match=r"erp\.example") as caught:
		bridge.start(request())
	assert caught.value.reference == "HTTP 400: invalid_callback"
	connect_routes.routes[f"POST {SESSIONS}"] = Reply(404)
	with pytest.raises(ConsentRevoked):
		bridge.start(request(access=ACCESS))
	with pytest.raises(NotFound):
		bridge.start(request(access=Access(USER), institution_id="1"))
	connect_routes.routes[f"POST {SESSIONS}"] = Reply(201, {"redirect_url": URL})
	with pytest.raises(ProviderBug):
		bridge.start(request())
	with pytest.raises(NotFound):
		bridge.start(request(institution_id="../users"))


# -- the return ------------------------------------------------------------------------------------------
def item(item_id: int = 700001, **changes: object) -> dict[str, object]:
	return {"id": item_id, "provider_id": 574, "status": 0, **changes}


def came_back(**query: str) -> dict[str, str]:
	return {"source": "connect", "user_uuid": USER, "success": "true", **query}


def test_success_is_read_again(bridge: BridgeProvider, script: Script) -> None:
	script.routes[f"GET {ITEMS}/700001"] = Reply(200, item(status=402, status_code_info="invalid_creds"))
	found = bridge.complete(came_back(item_id="700001", step="sync_success"), Access(USER))
	assert found.connection is not None
	assert found.connection.status is ConnectionStatus.ACTION_REQUIRED
	assert found.reference == "item 700001, 402 invalid_creds"
	assert not found.cancelled


@pytest.mark.parametrize(
	("step", "cancelled"),
	[
		("highlighted_banks", True),
		("bank_creds_form", True),
		("otp_form", False),
		("sync_error", False),
		("", False),
	],
)
def test_no_success(bridge: BridgeProvider, script: Script, step: str, cancelled: bool) -> None:
	found = bridge.complete(came_back(success="false", step=step), Access(USER))
	assert (found.connection, found.cancelled, bool(found.message)) == (None, cancelled, not cancelled)
	assert found.reference == step
	assert script.requests == []


def test_an_error_code_is_quoted_without_its_tricks(bridge: BridgeProvider) -> None:
	query = came_back(success="false", step="sync_error", error_code="<b>E 12</b>")
	assert bridge.complete(query, Access(USER)).reference == "sync_error bE12b"


def test_no_success_with_an_item(bridge: BridgeProvider, script: Script) -> None:
	script.routes[f"GET {ITEMS}/700001"] = Reply(200, item())
	query = came_back(success="false", step="highlighted_banks", item_id="700001")
	found = bridge.complete(query, ACCESS)
	assert found.cancelled
	assert found.connection is not None
	assert found.connection.remote_id == "700001"


@pytest.mark.parametrize("item_id", ["666", "../users"])
def test_an_item_that_is_not_ours_is_refused(bridge: BridgeProvider, item_id: str) -> None:
	found = bridge.complete(came_back(item_id=item_id), Access(USER))
	assert found.connection is None
	assert not found.cancelled
	assert "belongs to another session" in found.message


def test_the_return_of_another_user_is_refused_though_the_item_is_ours(
	bridge: BridgeProvider, script: Script
) -> None:
	script.routes[f"GET {ITEMS}/700001"] = Reply(200, item())
	assert bridge.complete(came_back(item_id="700001", user_uuid=USER), Access(USER)).connection is not None
	asked = len(script.requests)
	found = bridge.complete(came_back(item_id="700001", user_uuid="somebody"), Access(USER))
	assert (found.connection, found.cancelled) == (None, False)
	assert "belongs to another session" in found.message
	assert len(script.requests) == asked


def test_success_without_an_item_means_the_newest(bridge: BridgeProvider, script: Script) -> None:
	rows = [
		item(1, created_at="2026-06-02T08:30:00.000Z"),
		item(3, created_at="2026-10-28T11:59:00Z"),
		item(2),
	]
	script.routes[f"GET {ITEMS}"] = Reply(200, {"resources": rows})
	found = bridge.complete(came_back(), Access(USER))
	assert found.connection is not None
	assert found.connection.remote_id == "3"
	script.routes[f"GET {ITEMS}"] = Reply(200, {"resources": []})
	assert bridge.complete(came_back(), Access(USER)).connection is None


def test_success_without_an_item_means_the_managed_one(bridge: BridgeProvider, script: Script) -> None:
	script.routes[f"GET {ITEMS}/700001"] = Reply(200, item())
	found = bridge.complete(came_back(), ACCESS)
	assert found.connection is not None
	assert found.connection.remote_id == "700001"


@pytest.mark.parametrize(
	("managed", "accepted"),
	[(Reply(404), True), (Reply(200, item()), True), (Reply(200, item(provider_id=575)), False)],
)
def test_a_new_item_for_a_managed_one(
	bridge: BridgeProvider, script: Script, managed: Reply, accepted: bool
) -> None:
	script.routes |= {f"GET {ITEMS}/700001": managed, f"GET {ITEMS}/700009": Reply(200, item(700009))}
	found = bridge.complete(came_back(item_id="700009"), ACCESS)
	assert (found.connection is not None) is accepted


# -- the end ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("gone", [Reply(204), Reply(202), Reply(404)])
def test_the_last_item_takes_the_user_along(bridge: BridgeProvider, script: Script, gone: Reply) -> None:
	script.routes |= {
		f"DELETE {ITEMS}/700001": gone,
		f"GET {ITEMS}": Reply(200, {"resources": []}),
		f"DELETE {USERS}/{USER}": gone,
	}
	bridge.revoke(ACCESS)
	assert len(script.called("DELETE", f"{USERS}/{USER}")) == 1


def test_another_item_keeps_the_user(bridge: BridgeProvider, script: Script) -> None:
	script.routes |= {
		f"DELETE {ITEMS}/700001": Reply(204),
		f"GET {ITEMS}": Reply(200, {"resources": [item(700002)]}),
	}
	bridge.revoke(ACCESS)
	assert script.called("DELETE", f"{USERS}/{USER}") == []


def test_what_is_gone_is_gone(bridge: BridgeProvider, script: Script) -> None:
	bridge.revoke(NOBODY)
	assert script.requests == []
	script.routes[f"POST {TOKEN_PATH}"] = Reply(404)
	bridge.revoke(ACCESS)


def test_a_failure_to_delete_is_reported(bridge: BridgeProvider, script: Script) -> None:
	script.routes[f"DELETE {ITEMS}/700001"] = Reply(403)
	with pytest.raises(ConfigurationError):
		bridge.revoke(ACCESS)
