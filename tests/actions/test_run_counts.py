"""One word for one thing: the counts of a run have the same names on all surfaces, in both languages."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from pathlib import Path

import pytest

from dokos_banksync import __file__ as package
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.run_counts import LABELS, label, labelled
from dokos_banksync.actions.runs import run_data
from dokos_banksync.core.records import RUN_COUNTS, ConnectionRecord, RunRecord, RunStatus
from dokos_banksync.core.trigger import Trigger

PACKAGE = Path(package).parent
FRENCH = {
	"fetched": "Récupérées",
	"created": "Importées",
	"linked": "Déjà présentes",
	"updated": "Modifiées",
	"unchanged": "Inchangées",
	"removed": "Retirées",
	"held": "Non importées",
	"refused": "Refusées",
}


def record(**counts: int) -> RunRecord:
	now = datetime(2026, 11, 20, tzinfo=timezone.utc)
	return RunRecord("R1", "C1", Trigger.MANUAL, now, status=RunStatus.SUCCESS, **counts)


def test_the_doctype_has_the_same_labels() -> None:
	fields = json.loads((PACKAGE / "doctype/sync_run/sync_run.json").read_text("utf-8"))["fields"]
	assert {f["fieldname"]: f["label"] for f in fields if f["fieldname"] in RUN_COUNTS} == LABELS
	assert list(LABELS) == list(RUN_COUNTS)


def test_french_labels_agree_with_transactions() -> None:
	assert {count: label(Translations("fr"), count) for count in RUN_COUNTS} == FRENCH
	assert Translations("fr")("Imported") == "Importée", "of one line"
	assert Translations("en").within("Sync Run", "Imported") == "Imported"


@pytest.mark.parametrize(("language", "labels"), [("en", LABELS), ("fr", FRENCH)])
def test_a_message_uses_the_words_of_the_labels(language: str, labels: dict[str, str]) -> None:
	counts = {count: 2 for count in RUN_COUNTS if count not in ("fetched", "unchanged")}
	connection = ConnectionRecord("C1", "Bank", "bridge")
	message = run_data(Translations(language), connection, record(**counts))["message"]
	said = re.findall(r"2 ([^,]+)", str(message))
	assert said == [labels[count].lower() for count in counts]


def test_each_count_stands_beside_its_label() -> None:
	pairs = labelled(Translations("en"), record(created=3, held=1))
	assert dict(pairs) == {**dict.fromkeys(LABELS.values(), 0), "Imported": 3, "Not imported": 1}


def test_the_page_of_the_json_names_each_count() -> None:
	page = (PACKAGE.parent / "docs/command-line.md").read_text("utf-8")
	[names, _, words] = re.search(r"^\| `fetched`.*\n.*\n.*", page, re.MULTILINE)[0].splitlines()
	cells = [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in (names, words)]
	assert dict(zip(*cells, strict=True)) == LABELS


def test_scripts_and_templates_use_the_labels() -> None:
	"""Neither writes a heading for a count with a word of its own."""
	script = (PACKAGE / "public/js/review/day_pictures.js").read_text("utf-8")
	said = re.findall(r'__\("([^"]+)", null, "Sync Run"\)', script)
	assert said == [LABELS["created"], LABELS["held"]]
	for name in ("runs.html", "run_table.html"):
		template = (PACKAGE / "hosts/standalone/templates" / name).read_text("utf-8")
		assert set(re.findall(r'count_label\("(\w+)"\)', template)) >= {"fetched", "created"}
