"""The dialogs of the takeover from the host's own Plaid synchronisation, opened and used in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.site.conftest import SECONDS, Desk
from tests.site.journeys import own_queue, worker
from tests.site.test_every_provider_pages import WIDER
from tests.site.test_takeover import Host, host
from tests.site.walks import ROLES, Place, Walk, needs_progress

__all__ = ["host"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_ONLY = """
frappe.db.set_value("Sync Provider", {"provider_type": "Plaid", "name": ["!=", provider]}, "enabled", 0)
"""
"""The dialog offers the first one: others are of sandboxes long gone."""
WORDS = {
	"en": {
		"menu": "Synchronization",
		"open": "Take over from Plaid…",
		"title": "Take over {0} from Plaid",
		"nothing": "Nothing is changed yet",
		"new": "2 will be imported",
		"back": "Give back to Plaid…",
		"question": "Reconciled bank transactions stay",
	},
	"fr": {
		"menu": "Synchronisation",
		"open": "Reprendre de Plaid…",
		"title": "Reprendre {0} de Plaid",
		"nothing": "Rien n’est encore modifié",
		"new": "2 seront importées",
		"back": "Rendre à Plaid…",
		"question": "Les transactions rapprochées restent",
	},
}


@pytest.fixture
def here(host: Host) -> Iterator[Place]:
	"""A bank that the host's own code has imported from, all but its last two transactions."""
	needs_progress(host.site)
	host.fill(without=2)
	host.site.run(_ONLY, provider=host.bank)
	with own_queue(host.site), worker(host.site) as jobs:
		yield Place(host.site, host.stage.server, host.bank, host.bank, jobs)
		jobs.terminate()


def open_preview(walk: Walk, words: dict[str, str]) -> None:
	walk.open_bank()
	walk.menu(words["open"], words["menu"])
	walk.expect_dialog(words["title"].format(walk.place.bank))
	expect(walk.dialog).to_contain_text(words["nothing"], timeout=60 * SECONDS)


def take_over(walk: Walk, host: Host, words: dict[str, str]) -> None:
	"""See in the dialog what the takeover would do, and confirm it."""
	expect(walk.dialog).to_contain_text(host.accounts[0])
	expect(walk.dialog).to_contain_text(words["new"])
	walk.confirm()
	walk.expect_end("2")


def give_back(walk: Walk, connection: str, words: dict[str, str]) -> None:
	walk.desk.open(f"sync-connection/{connection}")
	walk.button(words["back"])
	expect(walk.dialog).to_contain_text(words["question"])
	walk.dialog.locator(".btn-danger:visible").click()
	expect(walk.page.get_by_role("button", name=words["back"])).to_have_count(0, timeout=60 * SECONDS)


def test_on_a_phone_in_french(host: Host, here: Place, desk_of: Callable[[str], Desk]) -> None:
	walk = Walk(desk_of(here.site.user("takeover.phone@example.org", *ROLES, language="fr")), here)
	walk.page.set_viewport_size({"width": 375, "height": 800})
	words = WORDS["fr"]
	walk.open_bank()
	walk.page.locator(".page-head:visible .menu-btn-group > button").click()  # it holds all buttons there
	walk.page.locator(".dropdown-menu.show").get_by_text(words["open"]).click()  # under the name of its menu
	walk.expect_dialog(words["title"].format(walk.place.bank))
	expect(walk.dialog).to_contain_text(words["nothing"], timeout=60 * SECONDS)
	assert walk.page.evaluate(WIDER) <= 0
	take_over(walk, host, words)
	assert walk.page.evaluate(WIDER) <= 0
	assert walk.desk.troubles == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_shown_confirmed_and_given_back(
	host: Host,
	here: Place,
	desk_of: Callable[[str], Desk],
	language: str,
) -> None:
	words = WORDS[language]
	walk = Walk(desk_of(here.site.user(f"takeover.{language}@example.org", *ROLES, language=language)), here)
	before, count = host.read(), len(host.lines)
	open_preview(walk, words)
	walk.dialog.locator(".modal-header .btn-modal-close").click()
	assert (host.read(), here.connections()) == (before, []), "a preview changes nothing"
	open_preview(walk, words)
	take_over(walk, host, words)
	after = host.read()
	assert (after["token"], len(after["rows"])) == (None, count)
	[connection] = here.connections("status")
	assert connection["status"] == "Active"
	give_back(walk, connection["name"], words)
	assert host.read() == before
	assert walk.desk.troubles == []
