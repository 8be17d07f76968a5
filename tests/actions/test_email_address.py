"""The user's e-mail address: asked for where a provider needs it, and given to no other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dokos_banksync.actions.connections import begin_connect
from dokos_banksync.actions.email_address import checked_email, email_for
from dokos_banksync.actions.institutions import institutions
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.provider_calls import ConnectRequest, Started
from dokos_banksync.providers.bridge import BridgeProvider
from dokos_banksync.providers.registry import provider_class, provider_types
from tests.actions.conftest import AURORE, BANK, PROVIDER, Pretend, ask


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[ConnectRequest]:
	"""What the provider was asked to begin. It needs no address for once."""
	seen: list[ConnectRequest] = []

	def start(_self: BridgeProvider, request: ConnectRequest) -> Started:
		seen.append(request)
		return Started("https://provider.example/consent")

	monkeypatch.setattr(BridgeProvider, "start", start)
	monkeypatch.setattr(
		BridgeProvider, "capabilities", replace(BridgeProvider.capabilities, needs_email=False)
	)
	return seen


def connect(context: Pretend, **given: str) -> Any:
	choice = {"bank": BANK, "provider": PROVIDER, "institution_id": AURORE, "company": "One"}
	return ask(begin_connect, context, **choice, **given)


def test_bridge_alone_needs_the_address() -> None:
	needing = [kind for kind in provider_types() if provider_class(kind).capabilities.needs_email]
	assert needing == ["Bridge"]


def test_a_provider_that_needs_no_address_is_not_given_one(
	context: Pretend, requests: list[ConnectRequest]
) -> None:
	connect(context, email="other@example.org")
	connect(context, email="no address")
	assert [one.email for one in requests] == ["", ""]
	assert context.email == "anne@example.org"


def test_a_user_without_an_address_connects_where_none_is_needed(
	context: Pretend, requests: list[ConnectRequest]
) -> None:
	context.email = ""
	assert connect(context) == {"url": "https://provider.example/consent"}


@pytest.mark.parametrize("given", ["", "anne", "@", "anne@", "a b@example.org"])
def test_a_provider_that_needs_it_gets_no_other_text(context: Pretend, given: str) -> None:
	context.email = ""
	with pytest.raises(InvalidData, match="e-mail address"):
		connect(context, email=given)
	assert context.site.ledger.connections() == []
	assert context.email == ""


def test_the_address_is_remembered_without_blanks(context: Pretend) -> None:
	connect(context, email=" other@example.org ")
	assert context.email == "other@example.org"


def test_it_is_not_asked_for_in_vain(context: Pretend, requests: list[ConnectRequest]) -> None:
	def never() -> str:
		raise AssertionError

	assert email_for(context.site, PROVIDER, never) == ""
	assert checked_email("a@b") == "a@b"


def test_the_list_of_banks_says_which_offers_need_it(context: Pretend) -> None:
	found = ask(institutions, context, search="aurore")
	assert [offer["needs_email"] for bank in found["institutions"] for offer in bank["offers"]] == [
		True,
		True,
	]
