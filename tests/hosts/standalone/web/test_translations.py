from __future__ import annotations

import csv
import re
from datetime import date
from decimal import Decimal
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokos_banksync.actions import i18n
from dokos_banksync.actions.i18n import Translations, choose, load
from dokos_banksync.actions.messages import why
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.message import Message, message_data, stored_message
from dokos_banksync.core.model import Reason
from tests.effort import calls
from tests.hosts.standalone.web import sentences as spoken

FRENCH = {key: french for key, french in load("fr").items() if not re.search(r"\S:Sync ", key)}
"""Without those that are said otherwise within a doctype."""
FRAPPES_OWN = {
	*(
		"Active",
		"Allocated",
		"Booked",
		"Check",
		"Complete",
		"Connections",
		"Description",
		"Difference",
		"Filter",
	),
	*(
		"From",
		"Institution",
		"Older",
		"Progress",
		"Run",
		"Setup",
		"Started",
		"To",
		"Trigger",
		"Unchanged",
	),
}


def test_every_sentence_has_its_french_and_none_is_left_over() -> None:
	said = spoken.all_of_them()
	assert sorted(said - set(FRENCH)) == [], "sentences without French"
	assert sorted(set(FRENCH) - said) == [], "French that nobody says any more"


def test_the_search_for_sentences_finds_some_of_each_kind() -> None:
	assert "Connect your bank" in spoken.in_scripts()
	assert "Skip to the content" in spoken.in_templates()
	assert "The import has started." in spoken.in_python()
	assert "The bank refuses the credentials. Reconnect and enter them again." in spoken.in_python()
	assert "Consent Expired" in spoken.in_doctypes()
	sources = "".join(path.read_text("utf-8") for path in spoken.PACKAGE.rglob("*.py"))
	assert all(sentence in sources for sentence in spoken.INDIRECT)


def test_both_languages_have_the_same_blanks() -> None:
	def blanks(text: str) -> set[str | None]:
		return {name for _, name, _, _ in Formatter().parse(text) if name is not None}

	different = {key for key, french in FRENCH.items() if blanks(key) != blanks(french)}
	assert different == {"{value!r} is not a valid {number_type}."}  # click's word for a type has no French


def test_both_languages_state_the_same_numbers() -> None:
	words = {"three": "trois", "five": "cinq", "ten": "dix", "twelve": "douze", "thirty": "trente"}
	for english, french in FRENCH.items():
		for one, other in words.items():
			if re.search(rf"\b{one}\b", english):
				assert re.search(rf"\b{other}\b", french), f"{english} -> {french}"


def test_the_file_is_sorted_and_says_nothing_twice() -> None:
	with (i18n._FOLDER / "fr.csv").open(encoding="utf-8", newline="") as file:
		rows = list(csv.reader(file))
	assert all(len(row) in (2, 3) and row[1].strip() for row in rows)
	keys = [(row[0], *row[2:]) for row in rows]
	assert keys == sorted(set(keys))
	assert len({tuple(row[:2]) for row in rows}) == len(load("fr"))


def test_words_that_frappe_translates_otherwise_hold_for_our_doctypes_only() -> None:
	"""On a Frappe site the file joins those of all other apps: "New" is the button of every list."""
	with (i18n._FOLDER / "fr.csv").open(encoding="utf-8", newline="") as file:
		everywhere = {row[0] for row in csv.reader(file) if len(row) == 2}
	assert everywhere.isdisjoint(FRAPPES_OWN)


def test_french_typography() -> None:
	sentences = [french.replace("!r}", "}") for french in FRENCH.values()]
	bare = [french for french in sentences if re.search(r"[^\s\u00a0\u202f][?!;»]| [:?!;»]|« ", french)]
	assert bare == []
	assert [french for french in sentences if re.search(r"[a-z]'[a-zà-ÿ]", french)] == [], (
		"the apostrophe is ’"
	)


@pytest.mark.parametrize(
	("accepted", "language"),
	[
		("fr-FR,fr;q=0.9,en;q=0.8", "fr"),
		("en-GB,en;q=0.9", "en"),
		("de,fr;q=0.5,en;q=0.7", "en"),
		("de", "en"),
		("", "en"),
		("fr;q=nonsense,en;q=0.1", "en"),
		("FR", "fr"),
	],
)
def test_the_language_of_a_browser(accepted: str, language: str) -> None:
	assert choose(accepted) == language


@given(st.text())
def test_any_header_has_a_language(accepted: str) -> None:
	assert choose(accepted, "fr") in i18n.LANGUAGES


def test_a_phrase_with_values() -> None:
	assert Translations("fr")("{0} lines fetched", "1 200") == "1 200 lignes récupérées"
	assert Translations("en")("{0} lines fetched", "1,200") == "1,200 lines fetched"
	assert Translations("de")("Banks") == "Banks"


def test_an_error_is_shown_in_another_language() -> None:
	error = InvalidData("There is a category {0} already: choose another name", "Loyer")
	assert Translations("fr").error(error).startswith("Il y a déjà une catégorie Loyer")


def test_a_stored_message_is_shown_in_french() -> None:
	error = InvalidData("{0} is in {1} and {2} in {3}: choose a bank account in the same currency", *"ABCD")
	stored = stored_message(str(error), message_data(error.message))
	assert (
		Translations("fr").message(stored)
		== "A est en B et C en D\u00a0: choisissez un compte bancaire dans la même devise"
	)
	assert Translations("en").message(stored) == str(error)
	assert Translations("fr").message("Disconnected by a user") == "Déconnectée par un utilisateur"


def test_a_reason_and_its_note_are_joined_as_the_language_does() -> None:
	assert why(Translations("fr"), Reason.LOCKED.value, "abc") == "Dans une période close\u00a0: abc"
	assert why(Translations("en"), Reason.LOCKED.value) == "In a locked period"
	assert why(Translations("en"), "", "abc") == "abc"


def test_no_script_joins_two_texts_with_a_colon_of_its_own() -> None:
	"""French has a space before it; `{0}: {1}` is a sentence of the file."""
	joined = re.compile(r"\}: \$\{")
	scripts = {path: path.read_text("utf-8") for path in spoken.PACKAGE.glob("public/js/**/*.js")}
	assert len(scripts) > 30
	assert [path.name for path, text in scripts.items() if joined.search(text)] == []


def test_a_message_within_a_message_is_translated_too() -> None:
	row = Message("Row {0}: {1}", 4, InvalidData("{0} is not an amount", "abc").message)
	assert row == "Row 4: abc is not an amount"
	assert Translations("fr").message(row) == "Ligne 4\u00a0: abc n’est pas un montant"
	assert Translations("fr").message(Message("Row {0}: {1}", 4, "anything")) == "Ligne 4\u00a0: anything"


def test_amounts_days_and_states_of_a_message_are_written_as_the_language_writes_them() -> None:
	message = Message("{0} changed from {1} to {2}", Reason.LOCKED, Decimal("1234.5"), date(2026, 11, 28))
	message = Translations("fr").message(message)
	assert message == ("Dans une période close\u00a0: 1\u202f234,50 devient 28\u00a0nov.\u00a02026")


def test_amounts_and_days_of_an_error_are_written_as_the_language_writes_them() -> None:
	error = InvalidData("{0} is after {1}: the first day comes first", date(2026, 11, 30), date(2026, 1, 2))
	assert (
		Translations("fr")
		.error(error)
		.startswith("Le 30\u00a0nov.\u00a02026 est après le 2\u00a0janv.\u00a02026")
	)
	assert Translations("en").error(error).startswith("30\u00a0Nov\u00a02026 is after 2\u00a0Jan\u00a02026")
	assert (
		Translations("fr")("{0} is not an amount", Decimal("-1234.5"))
		== "−1\u202f234,50 n’est pas un montant"
	)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-sNaN", "1E+999999", "1E-999999"])
def test_an_amount_that_no_language_can_write_is_shown_as_it_is(amount: str) -> None:
	error = InvalidData("{0} is not an amount", Decimal(amount))
	assert Translations("fr").error(error) == f"{Decimal(amount)} n’est pas un montant"


def test_a_providers_own_words_stay() -> None:
	for words in ("La banque est en maintenance.", "Something new", "", "Row 1: {0} is not an amount"):
		assert Translations("fr").message(words) == words
		assert Translations("fr").message(stored_message(words, "")) == words


def test_a_long_hostile_message_is_shown_at_once() -> None:
	"""Nothing is searched in a stored sentence: its length does not matter, nor what it looks like."""
	hostile = "Row 1: " * 200_000 + "{0}" * 1000
	assert calls(lambda: Translations("fr").message(stored_message(hostile, ""))) < 1000
	assert Translations("fr").message(stored_message(hostile, "")) == hostile
	within = Message("Row {0}: {1}", 1, hostile)
	assert Translations("fr").message(stored_message(str(within), message_data(within))).endswith("{0}{0}")


@given(st.text())
def test_any_text_can_be_shown(text: str) -> None:
	assert isinstance(Translations("fr").message(text), str)


def test_no_file_outside_of_the_folder_is_read() -> None:
	assert load("../fr") == {}
