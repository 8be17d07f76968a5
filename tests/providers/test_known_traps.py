"""The traps of each provider's API, and the tests that hold each of them.

What integrations of these APIs got wrong before, from the providers' documents and the reports of their users.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

PLAID: Mapping[str, tuple[str, ...]] = {
	"a positive amount is money out": ("test_money_out_is_negative_here",),
	"a positive balance of a card is owed": ("test_what_is_owed_is_negative", "test_cards_owe_what_they_owe"),
	"without days_requested the history is 90 days for ever": ("test_the_longest_history_is_asked_for",),
	"a mutation restarts from the first cursor of the loop": (
		"test_a_change_between_pages_starts_the_loop_again",
		"test_what_came_before_a_restart_is_void",
		"test_data_that_never_stand_still",
	),
	"a cursor that is stuck or refused starts from null": (
		"test_a_stored_cursor_that_stays_stuck_is_given_up",
		"test_a_cursor_that_plaid_refuses_is_given_up",
	),
	"NOT_READY and INITIAL_UPDATE_COMPLETE are not the end": (
		"test_nothing_is_there_at_first",
		"test_a_part_is_not_taken_for_the_whole",
	),
	"pending rows go, and the booked one has another id": ("test_pending_rows_are_replaced_by_booked_ones",),
	"the same login makes a second item without an error": (
		"test_the_same_login_is_recognised_before_it_is_exchanged",
		"test_other_accounts_or_another_bank_are_no_duplicate",
	),
	"an account gets another id": ("test_an_account_that_got_another_id_keeps_its_transactions",),
	"a session of several logins, and one that goes on": (
		"test_all_logins_of_a_link_token_are_connected",
		"test_a_session_that_goes_on_may_add_more",
		"test_another_bank_than_was_asked_for_becomes_a_bank_of_its_own",
		"test_a_return_that_fails_is_repeated_and_doubles_nothing",
	),
	"clients of before December 2025 name users by a token": ("test_two_banks_in_one_session",),
	"update mode keeps the token": ("test_a_renewal_keeps_the_token",),
	"the return carries no result": ("test_the_user_is_still_on_the_page", "test_a_session_that_is_over"),
	"webhooks: ES256 alone, rotated keys, age, raw body": (
		"test_other_algorithms_are_not_taken",
		"test_a_new_key_is_fetched",
		"test_the_bounds_of_its_age",
		"test_the_raw_body_counts_not_its_meaning",
	),
	"an unknown error code is treated by its type": ("test_each_code_has_its_reaction",),
	"a 429 names no time": ("test_a_limit_names_when_to_go_on",),
}
SALT_EDGE: Mapping[str, tuple[str, ...]] = {
	"what is signed is what is sent": (
		"test_a_request_is_signed_as_openssl_signs_it",
		"test_calls_that_must_be_signed",
	),
	"Expires-at by a clock that is wrong": ("test_a_clock_that_is_wrong", "test_the_clock_of_this_server"),
	"the browser is back before the data": ("test_the_browser_is_back_before_the_data",),
	"without automatic_refresh the data are old": (
		"test_the_longest_history_and_consent_are_asked_for",
		"test_old_data_are_not_taken_for_the_newest",
	),
	"without from_date the history is 90 days": ("test_the_longest_history_and_consent_are_asked_for",),
	"from_id alone misses rows that were taken back": (
		"test_what_was_taken_back_within_a_month_is_missed",
		"test_a_row_that_turns_out_a_duplicate_is_taken_back",
	),
	"pending rows have other ids each time": (
		"test_pending_rows_keep_their_ids_here",
		"test_equal_pending_rows_stay_two",
	),
	"an ended consent serves old rows with 200": ("test_old_rows_of_an_ended_consent_do_not_hide_its_end",),
	"a refresh that is not possible is no broken connection": (
		"test_a_limit_that_is_hit_is_no_broken_connection",
		"test_the_limit_is_known_before_it_is_hit",
	),
	"ids as numbers or under another name": ("test_ids_may_be_numbers_or_under_another_name",),
	"a customer or a connection that exists": (
		"test_a_customer_that_exists_is_found_again",
		"test_the_same_login_twice",
	),
	"the firewall answers HTML": ("test_the_firewall", "test_errors_of_other_shapes"),
	"callbacks that are forged, repeated or for another address": (
		"test_another_address_or_body_is_refused",
		"test_the_same_call_again_is_accepted_once",
	),
	"a return that names no connection": (
		"test_a_return_without_the_id_finds_the_newest",
		"test_of_two_sessions_at_once_without_a_name_neither_is_taken",
		"test_two_banks_that_are_connected_at_once_never_exchange_their_connections",
	),
}
GOCARDLESS: Mapping[str, tuple[str, ...]] = {
	"a 401 is our token or the user's consent": ("test_a_token_is_replaced_only_where_the_token_is_meant",),
	"few readings a day of each account and scope": (
		"test_the_fifth_reading_of_a_day_is_not_made_and_says_when",
		"test_readings_that_another_program_used_up",
		"test_balances_of_accounts_that_are_not_imported_are_not_read",
	),
	"the headers of the limit in two spellings": ("test_the_headers_of_the_limit_in_each_form",),
	"ten failures in a row suspend an account": ("test_an_error_of_the_bank_is_not_tried_again_at_once",),
	"ids that are absent or change": (
		"test_nothing_comes_twice_whatever_the_ids",
		"test_two_equal_rows_of_a_day_stay_two",
	),
	"pending rows without ids": ("test_pending_rows_are_replaced_as_a_whole",),
	"a history that is shorter than what is asked for": ("test_a_short_history_is_not_asked_beyond_its_end",),
	"a renewal gives other account ids": (
		"test_a_renewal_with_new_ids_links_nothing_anew",
		"test_what_the_bank_removes_before_a_renewal_is_removed_here",
	),
	"numbers that are texts": ("test_days_that_are_written_as_text",),
	"a 409 that is the account itself": ("test_each_error_names_its_reaction",),
}
ENABLE_BANKING: Mapping[str, tuple[str, ...]] = {
	"entry_reference and transaction_id are no identity": (
		"test_nothing_that_the_bank_makes_up_anew_is_in_a_line",
		"test_equal_rows_of_one_day_stay_as_many_as_they_are",
	),
	"the indicator alone gives the sign": ("test_the_indicator_alone_gives_the_sign",),
	"the whole history at first, 90 days later": (
		"test_the_first_fetch_takes_the_whole_history",
		"test_after_the_first_hour_a_bank_gives_ninety_days",
		"test_no_fetch_but_the_longest_asks_for_more_than_ninety_days",
		"test_a_period_that_is_refused_is_made_shorter",
	),
	"a page may be empty and not the last": ("test_the_first_fetch_takes_the_whole_history",),
	"a continuation key that is lost": ("test_a_list_whose_place_was_lost_is_read_again",),
	"currencies behind one IBAN, cards, accounts without uid": (
		"test_accounts_of_several_currencies_behind_one_number",
		"test_a_card_under_the_number_of_its_account",
		"test_an_account_that_the_bank_blocks",
	),
	"a daily quota, and headers all or none": (
		"test_four_fetches_a_day_and_the_bank_is_not_asked_a_fifth_time",
		"test_all_that_is_required_or_none",
		"test_headers_that_the_bank_refuses_are_left_out",
		"test_balances_of_accounts_that_are_not_imported_use_no_quota",
	),
	"pending rows, rows without a day, rows that vanish": (
		"test_the_whole_pending_set_comes_each_time",
		"test_the_next_best_date",
		"test_later_fetches_bring_late_changed_and_vanished_rows",
	),
	"a 401 of an ended session is no matter of keys": ("test_an_ended_session_is_no_matter_of_keys",),
	"state, access_denied, a code used twice": (
		"test_a_return_proves_nothing",
		"test_giving_up",
		"test_a_page_that_is_loaded_again",
	),
	"valid_until with a zone, within the bank's maximum": ("test_the_longest_consent_that_the_bank_gives",),
	"balances that fail stop nothing": ("test_balances_that_fail_stop_nothing",),
}
PONTO: Mapping[str, tuple[str, ...]] = {
	"a refresh token works once": (
		"test_a_refresh_token_is_never_sent_twice",
		"test_many_processes_exchange_a_refresh_token_once",
	),
	"the code counts before the bank's status": ("test_why_a_synchronization_failed",),
	"synchronizations are limited": (
		"test_a_refresh_too_soon_asks_for_nothing_and_says_when",
		"test_a_refresh_that_ponto_limits",
	),
	"a list in another order": ("test_a_list_in_another_order_is_read_to_its_end",),
	"old rows that change": (
		"test_a_row_on_a_day_before_the_window",
		"test_old_rows_that_the_bank_corrects_or_takes_back",
	),
	"a list that is cut is no removal": (
		"test_the_end_of_the_list_that_ponto_drops_is_not_taken_for_removed",
	),
	"pending rows are another resource": ("test_the_whole_pending_set_comes_each_time",),
	"money is a number": ("test_money_never_passes_through_a_float",),
	"webhooks: RS512 alone, audience, minute, body": (
		"test_other_algorithms_are_no_signature",
		"test_claims_that_are_not_right",
		"test_another_body_another_minute_and_another_key",
	),
	"a bank under maintenance": ("test_a_bank_under_maintenance",),
}
POWENS: Mapping[str, tuple[str, ...]] = {
	"accounts are disabled until they are shared": (
		"test_accounts_that_are_not_shared_are_listed_without_money",
	),
	"access_expire is the consent's end, expire is not": (
		"test_the_consent_ends_with_the_first_enabled_source",
	),
	"a monthly debit and its purchases count once": (
		"test_a_card_that_is_in_the_current_account_is_counted_once",
		"test_purchases_without_a_monthly_debit_are_booked_until_the_first_one_comes",
	),
	"coming rows are not booked": (
		"test_a_row_that_was_coming_is_booked_under_its_id",
		"test_states_of_rows",
	),
	"the next page is a link of the same host": (
		"test_a_long_list_is_read_page_by_page",
		"test_a_link_to_another_host_is_not_followed",
	),
	"the code of an error counts, not its status": ("test_each_error_names_its_reaction",),
	"states of a connection": ("test_each_state_asks_for_its_step",),
	"categories are an option": ("test_categories_are_asked_for_only_where_they_were_bought",),
	"the return is not signed": ("test_a_return_with_an_invented_error_deletes_no_connection",),
	"webhooks: HMAC over the path and the raw body": (
		"test_a_signature_that_was_made_elsewhere",
		"test_a_call_that_was_changed_is_refused",
	),
}
BRIDGE: Mapping[str, tuple[str, ...]] = {
	"a token lives two hours and cannot be refreshed": (
		"test_a_token_is_reused_until_a_minute_before_its_end",
		"test_ten_tokens_a_minute",
	),
	"deleted rows come through since": ("test_a_removal_needs_its_id_alone", "test_new_ids_leave_tombstones"),
	"since is by Bridge's clock": (
		"test_later_reads_share_one_call_with_an_overlap",
		"test_an_absurd_time_does_not_hide_what_follows",
	),
	"the whole history comes within minutes": ("test_a_bank_that_is_being_read_is_asked_again_soon",),
	"future rows are not booked": ("test_states",),
	"an open list of status details": ("test_every_status", "test_a_status_that_is_none"),
	"a user who never returns": ("test_success_is_read_again",),
	"categories as a tree or flat": ("test_a_tree", "test_an_odd_tree_is_still_a_tree"),
	"two secrets while one replaces the other": ("test_the_secrets_of_the_subscription_count",),
	"a time in seconds or milliseconds": ("test_a_signature", "test_a_refresh"),
}
TRAPS = {
	"plaid": PLAID,
	"salt_edge": SALT_EDGE,
	"gocardless": GOCARDLESS,
	"enable_banking": ENABLE_BANKING,
	"ponto": PONTO,
	"powens": POWENS,
	"bridge": BRIDGE,
}


@cache
def functions_below(folder: str) -> frozenset[str]:
	"""Return the names of the test functions of a folder."""
	trees = (ast.parse(file.read_text("utf-8")) for file in sorted((TESTS / folder).rglob("*.py")))
	return frozenset(
		node.name
		for tree in trees
		for node in ast.walk(tree)
		if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
	)


def missing(folder: str, traps: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
	"""Return the traps with a test that does not exist, or with none."""
	found = functions_below(f"providers/{folder}") | functions_below("core/connection")
	unheld = [(trap, "") for trap, tests in traps.items() if not tests]
	return unheld + [(trap, test) for trap, tests in traps.items() for test in tests if test not in found]


@pytest.mark.parametrize("provider", TRAPS)
def test_each_trap_is_held_by_tests(provider: str) -> None:
	assert missing(provider, TRAPS[provider]) == []


def test_a_trap_without_a_test_is_found() -> None:
	traps = {"held": ("test_giving_up",), "none": (), "renamed": ("test_that_nobody_wrote",)}
	assert missing("ponto", traps) == [
		("none", ""),
		("held", "test_giving_up"),
		("renamed", "test_that_nobody_wrote"),
	]


def test_every_provider_has_its_traps() -> None:
	folders = {one.name for one in (TESTS / "providers").iterdir() if (one / "stage.py").exists()}
	assert folders <= TRAPS.keys()
