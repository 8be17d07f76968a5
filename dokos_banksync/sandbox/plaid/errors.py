"""Errors as Plaid answers them: https://plaid.com/docs/errors/"""

from __future__ import annotations

from typing import Any, NamedTuple


class Kind(NamedTuple):
	"""What one error code means: its `error_type`, the HTTP status, the messages for developers and users."""

	type: str
	status: int = 400
	message: str = ""
	display: str | None = None


_LOGIN = (
	"the login details of this item have changed (credentials, MFA, or required user action) and a user login is "
	"required to update this information. use Link's update mode to restore the item to a good state"
)
KINDS = {
	"INVALID_API_KEYS": Kind("INVALID_INPUT", 400, "invalid client_id or secret provided"),
	"INVALID_ACCESS_TOKEN": Kind("INVALID_INPUT", 400, "could not find matching access token"),
	"INVALID_PUBLIC_TOKEN": Kind("INVALID_INPUT", 400, "could not find matching public token"),
	"INVALID_LINK_TOKEN": Kind("INVALID_INPUT", 400, "could not find matching link token"),
	"INVALID_INSTITUTION": Kind("INVALID_INPUT", 400, "invalid institution_id provided"),
	"INVALID_ACCOUNT_ID": Kind(
		"INVALID_INPUT", 400, "failed to find requested account ID for requested item"
	),
	"INVALID_PRODUCT": Kind(
		"INVALID_INPUT", 400, "client is not authorized to access the following products: [transactions]"
	),
	"INVALID_WEBHOOK_VERIFICATION_KEY_ID": Kind("INVALID_INPUT", 400, "invalid key_id provided"),
	"UNAUTHORIZED_ENVIRONMENT": Kind(
		"INVALID_INPUT", 400, "you are not authorized to create items in this environment"
	),
	"MISSING_FIELDS": Kind("INVALID_REQUEST"),
	"UNKNOWN_FIELDS": Kind("INVALID_REQUEST"),
	"INVALID_FIELD": Kind("INVALID_REQUEST"),
	"INVALID_BODY": Kind("INVALID_REQUEST", 400, "body could not be parsed as JSON"),
	"NOT_FOUND": Kind("INVALID_REQUEST", 404, "the requested path does not exist"),
	"SANDBOX_ONLY": Kind("INVALID_REQUEST", 400, "this endpoint is only available in the sandbox"),
	"ITEM_LOGIN_REQUIRED": Kind("ITEM_ERROR", 400, _LOGIN, "Please sign in to your bank again."),
	"INVALID_CREDENTIALS": Kind(
		"ITEM_ERROR", 400, "the provided credentials were not correct", "The credentials are wrong."
	),
	"INVALID_MFA": Kind("ITEM_ERROR", 400, "the provided MFA response was not correct", "The code is wrong."),
	"ITEM_LOCKED": Kind(
		"ITEM_ERROR", 400, "the account is locked", "Your account is locked. Unlock it at your bank."
	),
	"USER_SETUP_REQUIRED": Kind(
		"ITEM_ERROR", 400, "the user must log in at the bank", "Finish the set-up first."
	),
	"MFA_NOT_SUPPORTED": Kind("ITEM_ERROR", 400, "this account requires a MFA type that is not supported"),
	"INSUFFICIENT_CREDENTIALS": Kind("ITEM_ERROR", 400, "the user did not provide sufficient authorization"),
	"PASSWORD_RESET_REQUIRED": Kind("ITEM_ERROR", 400, "the user must reset their password"),
	"ACCESS_NOT_GRANTED": Kind("ITEM_ERROR", 400, "the user did not grant access"),
	"USER_PERMISSION_REVOKED": Kind(
		"ITEM_ERROR", 400, "the holder of this account has revoked their permission for your application"
	),
	"ITEM_NOT_FOUND": Kind(
		"ITEM_ERROR", 400, "the item you requested cannot be found, it may have been deleted"
	),
	"NO_ACCOUNTS": Kind("ITEM_ERROR", 400, "no valid accounts were found for this item"),
	"PRODUCTS_NOT_SUPPORTED": Kind("ITEM_ERROR", 400, "the products are not supported by this institution"),
	"PRODUCT_NOT_READY": Kind("ITEM_ERROR", 400, "the requested product is not yet ready"),
	"TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION": Kind(
		"TRANSACTIONS_ERROR",
		400,
		"Underlying transaction data changed since last page was fetched. Please restart pagination from last update.",
	),
	"INSTITUTION_DOWN": Kind(
		"INSTITUTION_ERROR", 400, "this institution is not currently responding to this request"
	),
	"INSTITUTION_NOT_RESPONDING": Kind(
		"INSTITUTION_ERROR", 400, "this institution is not currently responding"
	),
	"INSTITUTION_NOT_AVAILABLE": Kind(
		"INSTITUTION_ERROR", 400, "this institution is not currently available"
	),
	"INSTITUTION_NO_LONGER_SUPPORTED": Kind(
		"INSTITUTION_ERROR", 400, "this institution is no longer supported"
	),
	"INTERNAL_SERVER_ERROR": Kind("API_ERROR", 500, "an unexpected error occurred"),
	"PLANNED_MAINTENANCE": Kind(
		"API_ERROR", 503, "the Plaid API is temporarily unavailable due to planned maintenance"
	),
	"ACCOUNTS_LIMIT": Kind("RATE_LIMIT_EXCEEDED", 429, "rate limit exceeded for this item"),
	"ACCOUNTS_BALANCE_GET_LIMIT": Kind("RATE_LIMIT_EXCEEDED", 429, "rate limit exceeded for this item"),
	"ITEM_GET_LIMIT": Kind("RATE_LIMIT_EXCEEDED", 429, "rate limit exceeded for this item"),
	"TRANSACTIONS_SYNC_LIMIT": Kind("RATE_LIMIT_EXCEEDED", 429, "rate limit exceeded for this item"),
	"RATE_LIMIT": Kind("RATE_LIMIT_EXCEEDED", 429, "rate limit exceeded"),
	"ADDITION_LIMIT": Kind("RATE_LIMIT_EXCEEDED", 429, "addition limit exceeded for this client_id"),
}


class PlaidError(Exception):
	"""An answer that is not a success."""

	def __init__(self, code: str, message: str = "", reason: str | None = None) -> None:
		self.code, self.reason = code, reason
		self.kind = KINDS.get(code, Kind("API_ERROR", 500))
		self.message = message or self.kind.message
		super().__init__(self.message)

	def as_json(self, request_id: str | None = None, *, status: bool = False) -> dict[str, Any]:
		"""Return the documented object; `status` is there in webhooks only."""
		values: dict[str, Any] = {
			"error_type": self.kind.type,
			"error_code": self.code,
			"error_code_reason": self.reason,
			"error_message": self.message,
			"display_message": self.kind.display,
			"documentation_url": f"https://plaid.com/docs/?ref=error#{self.kind.type.lower().replace('_', '-')}s",
			"suggested_action": None,
		}
		if request_id is not None:
			values["request_id"] = request_id
		if status:
			values["status"] = self.kind.status
		return values


def field_missing(*names: str) -> PlaidError:
	"""400 for required fields that are not there."""
	return PlaidError("MISSING_FIELDS", f"the following required fields are missing: {', '.join(names)}")


def field_wrong(name: str, why: str) -> PlaidError:
	"""400 for a field whose value cannot be."""
	return PlaidError("INVALID_FIELD", f"{name} {why}")
