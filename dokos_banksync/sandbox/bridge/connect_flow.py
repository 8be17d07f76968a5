"""What happens in the Connect flow, page after page, independent of how pages are drawn.

https://docs.bridgeapi.io/docs/end-of-the-connect-flow
"""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit, urlunsplit

from dokos_banksync.sandbox.bridge.model import Account, ConnectSession, Item
from dokos_banksync.sandbox.bridge.outcomes import Outcome, info_of, read_login
from dokos_banksync.sandbox.bridge.state import Bridge
from dokos_banksync.sandbox.institutions import Institution

WORKING_CODE = "123456"
_MAX_WRONG_CODES = 3


class ConnectFlow:
	"""One session's way through the pages. `session.step` tells which page is next."""

	def __init__(self, bridge: Bridge, session: ConnectSession) -> None:
		self.bridge, self.session = bridge, session
		if session.step == "list_banks" and session.managed:
			self._enter_managed()

	@property
	def item(self) -> Item:
		"""Return the item at hand; KeyError before there is one, or when it was deleted meanwhile."""
		if self.session.item_id is None:
			raise KeyError("no item yet")
		return self.session.user.items[self.session.item_id]

	@property
	def institution(self) -> Institution:
		"""Return the institution that the session is about."""
		if self.session.provider_id is None:
			return self.item.institution
		return self.bridge.world.institutions[self.session.provider_id]

	def institutions(self, search: str) -> list[Institution]:
		"""Return the banks of the list page: those that can be read, of the asked country first, matching the search."""
		wanted = search.casefold().strip()
		needed = {"aggregation", *self.session.capabilities}
		found = [
			one
			for one in self.bridge.world.institutions.values()
			if needed <= set(one.capabilities) and wanted in f"{one.name} {one.group or ''}".casefold()
		]
		return sorted(found, key=lambda one: (one.country != (self.session.country_code or "FR"), one.name))

	def choose(self, institution_id: int) -> None:
		"""Pick a bank from the list. KeyError for one that is not on it."""
		if self.session.managed or self.session.item_id is not None:
			return
		if institution_id not in {one.id for one in self.institutions("")}:
			raise KeyError(institution_id)
		self.session.provider_id = institution_id
		self.session.step = "bank_creds_form"

	def back(self) -> None:
		"""Return to the list of banks, as long as no credentials were given."""
		if self.session.item_id is None:
			self.session.step, self.session.provider_id = "list_banks", None

	def edit_credentials(self) -> None:
		"""Show the credentials form of a managed item."""
		if self.session.managed:
			self.session.step = "bank_creds_form"

	def log_in(self, login: str, password: str) -> None:
		"""Give credentials to the bank: any password does, the login decides what follows."""
		session = self.session
		session.alert = ""
		if not login.strip() or not password:
			session.alert = "Fill in both fields."
			return
		item = self._opened_item(login.strip())
		if item.institution.down:
			self._fail(Outcome(1003, info_of(1003)))
			return
		session.outcome, later = read_login(login, item.institution.sms_code)
		session.later = tuple(later)
		if session.outcome.asks:
			session.step = "otp_form" if session.outcome.asks == "code" else "app_form"
		else:
			self._settle()

	def enter_code(self, code: str) -> None:
		"""Take the code of the text message: one works, three wrong ones end the session."""
		session = self.session
		if session.outcome.code_works and code.strip() == WORKING_CODE:
			session.alert = ""
			self._settle()
			return
		session.wrong_codes += 1
		session.alert = "This code is wrong."
		if not session.outcome.code_works or session.wrong_codes >= _MAX_WRONG_CODES:
			self._fail(Outcome(1010, "otp_failed"))

	def approve(self) -> None:
		"""Go on after the user's approval in the bank's own app."""
		self._settle()

	def offered(self) -> list[Account]:
		"""Return the accounts on the choice page, every one that the bank shows for this kind of session."""
		item = self.item
		item.account_types = self.session.account_types
		return self.bridge.discover(item)

	def preselected(self, account: Account) -> bool:
		"""Return whether an account is ticked when the page opens."""
		if self.item.authentication_expires_at is not None:
			return account.data_access == "enabled"
		most = self.session.max_selectable_accounts
		return most is None or account in self.offered()[:most]

	def share(self, chosen: set[int], *, consent: bool) -> str | None:
		"""Give the consent for the chosen accounts. The address to return to, None when something is missing."""
		offered = self.offered()
		ids = {account.id for account in offered}
		picked = ids & chosen if self.session.allow_account_selection else ids
		self.session.alert = self._objection(len(picked), consent)
		if self.session.alert:
			return None
		self._share(offered, picked)
		return self.close(True, "sync_success")

	def cancel(self) -> str:
		"""Close the Connect flow: https://docs.bridgeapi.io/docs/end-of-the-connect-flow"""
		item = self.session.user.items.get(self.session.item_id or 0)
		if item is not None and item.status == -2 and not self.session.managed:
			self.bridge.delete_item(self.session.user, item)
			self.session.item_id = None
		return self.close(False, "highlighted_banks")

	def leave(self) -> str:
		"""Return with the failure that the page shows."""
		return self.close(False, self.session.step)

	def close(self, success: bool, step: str) -> str:
		"""End the session; the callback's address with its parameters, "" when there is none."""
		session = self.session
		session.closed = True
		values = {
			"source": "connect",
			"success": str(success).lower(),
			"user_uuid": session.user.uuid,
			"item_id": session.item_id,
			"step": None if success else step,
			"context": session.context,
		}
		query = urlencode({name: value for name, value in values.items() if value is not None})
		if session.callback_url is None:
			return ""
		parts = urlsplit(session.callback_url)
		return urlunsplit(parts._replace(query=f"{parts.query}&{query}" if parts.query else query))

	def _enter_managed(self) -> None:
		"""A valid authentication leads straight to the accounts, unless it is to be renewed."""
		item = self.item
		valid = item.status in (0, 1009, -2, -3) and not item.expired(self.bridge.now())
		again = self.session.force_reauthentication or not valid or item.authentication_expires_at is None
		self.session.step = "bank_creds_form" if again else "accounts"

	def _opened_item(self, login: str) -> Item:
		if self.session.item_id is None:
			opened = self.bridge.open_item(
				self.session.user, self.institution, login, self.session.account_types
			)
			self.session.item_id = opened.id
		self.item.login = login
		return self.item

	def _settle(self) -> None:
		"""The bank's answer to the login, once all that it asked for was given."""
		if self.session.outcome.status != 0:
			self._fail(self.session.outcome)
			return
		self.session.authenticated = True
		self.session.step = "accounts"

	def _fail(self, outcome: Outcome) -> None:
		self.bridge.scheduler.fail(
			self.session.user, self.item, status=outcome.status, info=outcome.info, trigger="connect"
		)
		self.session.step = "bank_creds_form" if outcome.status == 402 else "sync_error"

	def _objection(self, picked: int, consent: bool) -> str:
		most = self.session.max_selectable_accounts
		if picked == 0:
			return "Choose at least one account."
		if most is not None and picked > most:
			return "Too many accounts are chosen."
		return "" if consent else "Your consent is needed."

	def _share(self, offered: list[Account], picked: set[int]) -> None:
		item, session = self.item, self.session
		new = item.authentication_expires_at is None
		shared = {account.id for account in offered}
		for account in item.accounts.values():
			account.gone = account.id not in shared
			account.data_access = "enabled" if account.id in picked else "disabled"
			account.updated_at = self.bridge.now()
		if session.authenticated:
			item.authentication_expires_at = self.bridge.now() + self.bridge.settings.consent_life
			item.script = list(session.later)
		self.bridge.scheduler.consented(session.user, item, new=new)
