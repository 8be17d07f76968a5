"""The body of a verified webhook call, and the header that has its signature."""

from __future__ import annotations

import pytest

from dokos_banksync.core.errors import ProviderBug
from dokos_banksync.providers.parsing import header
from dokos_banksync.providers.webhooks import read_body


def test_a_json_object_is_returned():
	assert read_body(b'{"type": "item.refreshed"}', "Bridge") == {"type": "item.refreshed"}


@pytest.mark.parametrize("body", [b"[1]", b'"text"', b"null"])
def test_json_that_is_no_object_has_no_fields(body):
	assert read_body(body, "Bridge") == {}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_anything_else_is_an_error_of_the_provider(body):
	with pytest.raises(ProviderBug) as caught:
		read_body(body, "Bridge")
	assert caught.value.message == "Bridge sends a webhook call that cannot be read."


def test_a_header_is_found_in_any_letter_case():
	assert header({"content-type": "x", "BRIDGEAPI-SIGNATURE": "v1=aa"}, "BridgeApi-Signature") == "v1=aa"
	assert header({}, "BridgeApi-Signature") == ""
