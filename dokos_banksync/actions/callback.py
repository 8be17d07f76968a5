"""The return of the user from the provider's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from dokos_banksync.actions.context import Data, RequestContext
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.pending_sessions import state_of
from dokos_banksync.core.connection.completing import ConnectResult
from dokos_banksync.core.model import NEXT_STEP, NextStep


class CallbackResult(NamedTuple):
	"""The Bank form to open, and the key of the outcome that it shows: only the page with that key in its address does."""

	bank: str
	key: str


def receive(context: RequestContext, query: Mapping[str, str]) -> CallbackResult:
	"""Return the Bank form that the user is sent to, which shows what happened.

	The address proves nothing: the state counts once and only for the user who left with it, and what
	was connected is read again at the provider. Raises `NotFound` for any other.
	"""
	result = context.site.finish(state_of(query), query, context.user, context=context.presence)
	context.end_double_click()
	if not result.pending:
		context.site.forget_unfinished(result.connection.name)
	bank = result.connection.bank
	return CallbackResult(
		bank, context.store_outcome({"bank": bank, **message(context.translations, result)})
	)


def message(translations: Translations, result: ConnectResult) -> Data:
	"""Return the message for the Bank form, and whether it opens the choice of accounts next."""
	shown = _shown(translations, result)
	return {**shown, "message": " ".join([str(shown["message"]), *map(translations.message, result.remarks)])}


def _shown(translations: Translations, result: ConnectResult) -> Data:
	message = translations.message(result.message)
	if result.pending and not result.accounts:
		waiting = translations("The bank has not answered yet. Check again in a moment.")
		return {"message": waiting, "indicator": "orange", "choose_accounts": False}
	if result.cancelled:
		unchanged = translations("You left the bank's page before the end. Nothing was changed.")
		return {"message": message or unchanged, "indicator": "blue", "choose_accounts": False}
	if not result.accounts:
		waiting = translations("The bank shares no account yet. Try again, or check again in a moment.")
		return {"message": message or waiting, "indicator": "orange", "choose_accounts": False}
	needs_user = NEXT_STEP[result.connection.status] is NextStep.RECONNECT
	return {
		"message": message or _connected(translations, result),
		"indicator": "orange" if needs_user else "green",
		"choose_accounts": not needs_user and _may_be_chosen(result),
	}


def _connected(translations: Translations, result: ConnectResult) -> str:
	"""Return the message after a first connection, or after a renewed one."""
	if not any(account.bank_account for account in result.accounts):
		return translations("The bank is connected. Choose what to import.")
	if _may_be_chosen(result):
		return translations(
			"The credentials are updated. The bank shares accounts that are not imported yet."
		)
	return translations("The credentials are updated. The accounts are imported as before.")


def _may_be_chosen(result: ConnectResult) -> bool:
	"""Whether an account is shared that feeds no Bank Account yet."""
	return any(
		not one.bank_account and not one.gone and one.remote.enabled for one in result.accounts
	) or not any(one.bank_account for one in result.accounts)
