"""The handlers of the API's calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from werkzeug.wrappers import Request

from dokos_banksync.sandbox.consent_pages.session import ConsentSession
from dokos_banksync.sandbox.gocardless import rows
from dokos_banksync.sandbox.gocardless.errors import (
	AUTHENTICATION_FAILED,
	EUA_EXPIRED,
	EXPIRED,
	INVALID_TOKEN,
	ApiError,
	field_error,
)
from dokos_banksync.sandbox.gocardless.model import (
	SECRET_ID,
	SECRET_KEY,
	Account,
	Agreement,
	Requisition,
	Row,
)
from dokos_banksync.sandbox.gocardless.state import GoCardless
from dokos_banksync.sandbox.institutions import Institution

SESSION_LIFE = timedelta(hours=24)
SCOPES = frozenset({"balances", "details", "transactions"})


@dataclass
class Call:
	"""One call, and the headers of its answer."""

	request: Request
	state: GoCardless
	headers: dict[str, str] = field(default_factory=dict)

	@property
	def body(self) -> dict[str, Any]:
		"""Return the JSON object that was sent."""
		body = self.request.get_json(silent=True)
		if not isinstance(body, dict):
			raise ApiError(400, "Invalid JSON", "JSON parse error")
		return body

	def text(self, name: str) -> str:
		"""Return a field that is needed."""
		found = self.body.get(name)
		if not isinstance(found, str) or not found:
			raise field_error(name, "This field is required.")
		return found

	def number(self, name: str, most: int) -> int:
		"""Return a number of days; 90 when none is given."""
		found = self.body.get(name, min(90, most))
		if not isinstance(found, int) or not 1 <= found <= most:
			raise field_error(name, f"{name} must be > 0 and <= {most}")
		return found

	def check_token(self) -> None:
		"""Raise ApiError (401) without an access token that is valid."""
		kind, _, token = self.request.headers.get("Authorization", "").partition(" ")
		ends = self.state.tokens.get(token)
		if kind != "Bearer" or ends is None or ends <= self.state.now():
			raise ApiError.of(401, INVALID_TOKEN)

	def institution(self, wanted: str) -> Institution:
		"""Return a bank. ApiError (404)."""
		found = self.state.institutions().get(wanted)
		if found is None:
			raise ApiError(404, "Not found.", "Not found.")
		return found

	def readable(self, account_id: str, scope: str) -> Account:
		"""Return an account whose scope may be read now: the consent, its state, the bank, the daily limit."""
		requisition, account = self.state.account(account_id)
		agreement = requisition.agreement
		if requisition.status == "EX":
			account.status = "EXPIRED"
			raise ApiError(401, EUA_EXPIRED.format(agreement.id), "EUA was valid until its end.")
		if requisition.status != "LN":
			raise ApiError.of(401, EXPIRED)
		if account.status != "READY":
			raise ApiError(409, "Account state", body=rows.account(account))
		if scope not in agreement.scope:
			raise ApiError(
				403, "End User Agreement scope", "The scope is not allowed", "AccountEUAScopeError"
			)
		if agreement.institution.down:
			raise self._failed(account)
		try:
			left, reset = self.state.take(account, scope)
		except ApiError:
			self._limits(0, self.state.reset_of(account, scope))
			raise
		self._limits(left, reset)
		account.failures = 0
		return account

	def _failed(self, account: Account) -> ApiError:
		"""Count a failure; after some in a row the account is suspended."""
		account.failures += 1
		if account.failures >= self.state.settings.suspend_after:
			account.status = "SUSPENDED"
		return ApiError(503, "Institution service unavailable", "Try again later", "ServiceError")

	def _limits(self, left: int, reset: int) -> None:
		prefix = "HTTP_X_RATELIMIT_ACCOUNT_SUCCESS_"
		self.headers[f"{prefix}LIMIT"] = str(self.state.settings.daily)
		self.headers[f"{prefix}REMAINING"] = str(left)
		self.headers[f"{prefix}RESET"] = str(reset)


def new_token(call: Call) -> Row:
	"""Answer a pair of tokens for keys that are right."""
	if (call.text("secret_id"), call.text("secret_key")) != (SECRET_ID, SECRET_KEY):
		raise ApiError.of(401, AUTHENTICATION_FAILED)
	access, seconds = call.state.new_uuid(), call.state.settings.token_seconds
	call.state.tokens[access] = call.state.now() + timedelta(seconds=seconds)
	return {
		"access": access,
		"access_expires": seconds,
		"refresh": call.state.new_uuid(),
		"refresh_expires": 2592000,
	}


def list_institutions(call: Call) -> list[Row]:
	"""Answer the banks, of a country where one is given (in small letters)."""
	country = call.request.args.get("country", "")
	found = call.state.institutions().values()
	host = call.request.host_url
	return [
		rows.institution(one, call.state.settings, host)
		for one in found
		if not country or one.country.lower() == country
	]


def get_institution(call: Call, wanted: str) -> Row:
	"""Answer one bank."""
	return rows.institution(call.institution(wanted), call.state.settings, call.request.host_url)


def create_agreement(call: Call) -> Row:
	"""Answer a new agreement."""
	settings = call.state.settings
	institution = call.institution(call.text("institution_id"))
	scope = call.body.get("access_scope", sorted(SCOPES))
	if not isinstance(scope, list) or not SCOPES.issuperset(scope):
		raise field_error("access_scope", "Unknown value")
	made = Agreement(
		call.state.new_uuid(),
		institution,
		historical_days=call.number("max_historical_days", settings.history_days),
		valid_days=call.number("access_valid_for_days", settings.consent_days),
		scope=scope,
		created=call.state.now(),
	)
	call.state.agreements[made.id] = made
	return rows.agreement(made)


def get_agreement(call: Call, agreement_id: str) -> Row:
	"""Answer one agreement."""
	found = call.state.agreements.get(agreement_id)
	if found is None:
		raise ApiError(404, "Not found.", "Not found.")
	return rows.agreement(found)


def create_requisition(call: Call) -> Row:
	"""Answer a new requisition, with the address of its page."""
	redirect, agreement = call.text("redirect"), call.state.agreements.get(call.text("agreement"))
	institution = call.institution(call.text("institution_id"))
	if agreement is None or agreement.institution is not institution:
		raise field_error("agreement", "Agreement does not belong to the institution")
	requisition_id = call.state.new_uuid()
	reference = str(call.body.get("reference") or requisition_id)
	if reference in {one.reference for one in call.state.requisitions.values()}:
		raise field_error("reference", "Client reference must be unique")
	ends = call.state.now() + SESSION_LIFE
	consent_session = ConsentSession(
		requisition_id, ends, return_to=redirect, step="login", institution_id=institution.id, fixed=True
	)
	made = Requisition(
		requisition_id,
		agreement,
		redirect=redirect,
		reference=reference,
		created=call.state.now(),
		consent_session=consent_session,
	)
	call.state.requisitions[made.id] = made
	return rows.requisition(made, call.request.host_url)


def get_requisition(call: Call, requisition_id: str) -> Row:
	"""Answer one requisition."""
	return rows.requisition(call.state.requisition(requisition_id), call.request.host_url)


def delete_requisition(call: Call, requisition_id: str) -> Row:
	"""End a consent."""
	call.state.requisition(requisition_id)
	del call.state.requisitions[requisition_id]
	return {"summary": "Requisition deleted", "detail": f"Requisition {requisition_id} deleted"}


def get_account(call: Call, account_id: str) -> Row:
	"""Answer what is known of an account; this asks no bank."""
	requisition, account = call.state.account(account_id)
	if requisition.status == "EX":
		account.status = "EXPIRED"
	return rows.account(account)


def get_details(call: Call, account_id: str) -> Row:
	"""Answer the details of an account."""
	return rows.details(call.readable(account_id, "details"))


def get_balances(call: Call, account_id: str) -> Row:
	"""Answer the balances of an account."""
	return rows.balances(call.readable(account_id, "balances"), call.state.world.clock.today())


def list_transactions(call: Call, account_id: str) -> Row:
	"""Answer all transactions of a period, booked and pending, without pages."""
	today = call.state.world.clock.today()
	_, known = call.state.account(account_id)
	earliest = today - timedelta(days=known.agreement.historical_days)
	since = _day(call, "date_from") or earliest
	until = _day(call, "date_to") or today
	if since < earliest or since > until:
		raise field_error("date_from", f"date_from must be on or after {earliest}")
	account = call.readable(account_id, "transactions")
	call.state.calls += 1
	maker = rows.RowMaker(account, call.state.settings, call.state.calls)
	movements = account.real.movements(until, after=since - timedelta(days=1))
	return {
		"transactions": {
			"booked": [maker.booked(one) for one in reversed(movements)],
			"pending": [maker.pending(one) for one in account.real.coming(today)],
		},
		"last_updated": call.state.now().isoformat(),
	}


def _day(call: Call, name: str) -> date | None:
	given = call.request.args.get(name)
	try:
		return date.fromisoformat(given) if given else None
	except ValueError:
		raise field_error(name, "Enter a valid date") from None
