"""Which fields a host's doctype is given."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import dokos_banksync
from dokos_banksync.hosts.frappe.custom_fields import (
	COMPANY,
	FIELDS,
	MODULE,
	PREFIX,
	missing_fields,
	superseded,
)

APP = Path(dokos_banksync.__file__).parent

DOCTYPES = sorted(FIELDS.keys() - {"Bank Account Balance"})
"""Those that we make where the host lacks them."""


def definition(doctype: str) -> dict[str, dict[str, object]]:
	folder = doctype.lower().replace(" ", "_")
	made = json.loads((APP / "doctype" / folder / f"{folder}.definition.json").read_text("utf-8"))
	return {field["fieldname"]: field for field in made["fields"]}


def test_a_host_with_nothing_gets_all_and_one_with_all_gets_nothing():
	for doctype, fields in FIELDS.items():
		assert [field["fieldname"] for field in missing_fields(doctype, lambda _: False)] == [
			PREFIX + f for f in fields
		]
		assert missing_fields(doctype, lambda _: True) == []


def test_a_field_that_the_host_has_is_not_doubled():
	given = missing_fields("Bank Transaction", {"category", "deposit"}.__contains__)
	assert [field["fieldname"] for field in given] == ["banksync_kind", "banksync_origin"]


def test_a_field_gained_later_supersedes_ours():
	has = {"currency", "banksync_currency", "banksync_lock_date", "opening_date"}.__contains__
	assert superseded("Bank Account", has) == ["currency"]


@pytest.mark.parametrize("doctype", DOCTYPES)
def test_each_is_ours_and_holds_what_the_plain_field_of_our_own_definition_holds(doctype):
	plain = definition(doctype)
	for name, field in FIELDS[doctype].items():
		# Our own definition has no tool that copies the type into vouchers: the provider's kind may stand there.
		ours = plain["transaction_type" if name == "kind" else name]
		same = (field["fieldtype"], ours["fieldtype"])
		assert same[0] == same[1] or same == ("Link", "Data")
		assert name == "kind" or field["label"] == ours["label"]
	assert {field["module"] for field in (*missing_fields(doctype, lambda _: False), COMPANY)} == {MODULE}


def test_what_makes_a_line_one_transaction_is_unique():
	assert FIELDS["Bank Transaction"]["origin"]["unique"]
	assert definition("Bank Transaction")["origin"]["unique"]
