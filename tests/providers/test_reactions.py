"""The reference of an error answer: what a user can quote to the provider's support."""

from __future__ import annotations

from dokos_banksync.core.provider import Secret
from dokos_banksync.providers.http import Answer
from dokos_banksync.providers.reactions import LONGEST, masked, reference


def test_a_reference_has_the_status_and_the_parts_that_are_not_empty():
	assert (
		reference(Answer(403, {}, None), ["FORBIDDEN", "", "no access"], ())
		== "HTTP 403: FORBIDDEN; no access"
	)


def test_an_answer_that_says_nothing_has_only_its_status():
	assert reference(Answer(500, {}, None), ["", ""], ()) == "HTTP 500"


def test_a_secret_is_masked_before_the_text_is_cut():
	said = "x" * (LONGEST - 3) + "topsecret"
	assert (
		reference(Answer(400, {}, None), [said], [Secret("topsecret")]) == f"HTTP 400: {'x' * (LONGEST - 3)}…"
	)


def test_an_empty_secret_masks_nothing():
	assert masked("as it came", [Secret(""), Secret("came")]) == "as it …"
