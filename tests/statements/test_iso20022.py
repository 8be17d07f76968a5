"""XML messages are read a part at a time: where a part ends makes no difference."""

import pytest

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements import iso20022
from dokos_banksync.statements.camt.statements import _GROUPS, _WANTED
from dokos_banksync.statements.contract import Evidence, ReadingOptions
from dokos_banksync.statements.iso20022 import Record, records
from dokos_banksync.statements.registry import read
from tests.statements import fuzz

SMALL = b"""<Document xmlns="urn:x"><M><Stmt><Id>1</Id><!-- a remark --><Ntry><Amt Ccy="EUR" Kind="a">12.<!-- b -->50</Amt>
<Sts><Cd>BOOK</Cd></Sts><Dtls><TxDtls a="1"><Refs><Id b="2">E1</Id></Refs><Ustrd>ONE</Ustrd><Ustrd> TWO </Ustrd></TxDtls>
<TxDtls/><TxDtls><Ustrd><![CDATA[A & B]]></Ustrd></TxDtls></Dtls></Ntry><Ntry><Amt/></Ntry></Stmt></M></Document>"""


def found(content):
	return [*records(content, _WANTED, _GROUPS)]


def test_the_values_of_a_record_and_of_its_groups():
	assert found(SMALL) == [
		Record("Id", "Stmt", {"": "1"}, []),
		Record(
			"Ntry",
			"Stmt",
			{"Amt@Ccy": "EUR", "Amt@Kind": "a", "Amt": "12.50", "Sts/Cd": "BOOK", "@a": "1"},
			[{"Refs/Id@b": "2", "Refs/Id": "E1", "Ustrd": "ONE TWO"}, {}, {"Ustrd": "A & B"}],
		),
		Record("Ntry", "Stmt", {}, []),
	]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 1_000])
def test_it_makes_no_difference_where_a_part_of_the_file_ends(monkeypatch, size):
	contents = [SMALL, *(content for name, content in fuzz.seeds().items() if name.endswith(".xml"))]
	whole = [found(content) for content in contents]
	assert sum(map(len, whole)) > 40
	monkeypatch.setattr(iso20022, "CHUNK", size)
	assert [found(content) for content in contents] == whole


def test_the_tree_of_a_long_file_is_not_kept(monkeypatch):
	"""Whatever an element holds, it is gone once it was read."""
	monkeypatch.setattr(iso20022, "CHUNK", 100)
	sizes = []

	take = iso20022._Reader.take

	def watched(reader, tree):
		done = take(reader, tree)
		sizes.append(0 if tree is None else sum(1 for _ in tree.iter()))
		return done

	monkeypatch.setattr(iso20022._Reader, "take", watched)
	entry = SMALL[SMALL.index(b"<Ntry>") : SMALL.index(b"</Stmt>")]
	assert len(found(SMALL.replace(entry, entry * 50))) == 101
	assert len(sizes) > 100
	assert max(sizes) < 30


def test_a_text_that_is_repeated_without_end_is_cut_off():
	"""Joining all of it would take minutes."""
	many = b"<Ustrd>a rather long remittance information</Ustrd>" * 200_000
	[_, entry, _] = found(SMALL.replace(b"<Ustrd>ONE</Ustrd>", many))
	assert iso20022.LONGEST_TEXT <= len(entry.groups[0]["Ustrd"]) < iso20022.LONGEST_TEXT + 50


def test_the_pages_of_a_statement_are_joined_where_the_first_one_stands_first():
	"""What the header of the message says is no part of the statement's id."""
	page = (
		'<Stmt><Id>X</Id><StmtPgntn><PgNb>{0}</PgNb></StmtPgntn><Ntry><Amt Ccy="EUR">1</Amt>'
		"<CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-03</Dt></BookgDt></Ntry>{1}</Stmt>"
	)
	stated = (
		'<Bal><Tp><CdOrPrtry><Cd>{0}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{1}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
		"<Dt><Dt>2026-11-03</Dt></Dt></Bal>"
	)
	pages = page.format(1, stated.format("OPBD", 10)) + page.format(2, stated.format("CLBD", 12))
	head = "<Document><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr>"
	content = f"{head}{pages}</BkToCstmrStmt></Document>".encode()
	[account] = read(content, ReadingOptions("EUR")).accounts
	assert (account.evidence, len(account.lines)) == (Evidence.OPENING_AND_CLOSING, 2)


def test_a_long_prolog_cannot_hide_a_document_type_definition():
	"""A comment before it, longer than what is searched for the root element."""
	entities = '<!DOCTYPE a [<!ENTITY e "12.50">]>'
	content = f"<!--{'x' * 70_000}-->{entities}<Document><Ntry><Amt>&e;</Amt></Ntry></Document>".encode()
	with pytest.raises(InvalidData, match="no element begins it"):
		list(iso20022.records(content, frozenset({"Ntry"}), frozenset()))
