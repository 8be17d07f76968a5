"""Errors as Salt Edge answers them: an object with a class, or a page of HTML where no API answers."""

from __future__ import annotations

from typing import Any

STATUSES = {
	"ApiKeyNotFound": 404, "AppIdNotProvided": 400, "SecretNotProvided": 400, "MissingSignature": 400,
	"MissingExpiresAt": 400, "ExpiresAtInvalid": 400, "RequestExpired": 400, "SignatureNotMatch": 400,
	"ClientDisabled": 406, "ClientRestricted": 406, "WrongRequestFormat": 400, "DuplicatedCustomer": 409,
	"CustomerNotFound": 404, "CustomerLocked": 406, "ConnectionNotFound": 404, "ConnectionDisabled": 406,
	"ConnectionCannotBeRefreshed": 406, "ConnectionAlreadyProcessing": 409, "ConnectionDuplicated": 409,
	"ConnectionLimitReached": 406, "BackgroundFetchLimitExceeded": 406, "ProviderNotFound": 404, "ProviderDisabled": 406,
	"ProviderInactive": 406, "ConsentNotFound": 404, "AispConsentExpired": 406, "AispConsentRevoked": 406,
	"AispConsentAlreadyRevoked": 409, "FetchScopesNotAllowed": 400, "DateOutOfAispConsentRange": 400,
	"InvalidAispConsentFromDate": 400, "InvalidAispConsentPeriod": 400, "TooManyRequests": 429,
	"InternalServerError": 500,
}  # fmt: skip
NO_PAGE = "<!doctype html><html><head><title>404</title></head><body><h1>Page not found</h1></body></html>"
FIREWALL = "<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center></body></html>"


class SaltEdgeError(Exception):
	"""An answer that is not a success. `extra` joins the error at the top level."""

	def __init__(self, name: str, message: str = "", status: int = 0, **extra: Any) -> None:
		super().__init__(message or name)
		self.name, self.message, self.extra = name, message or f"{name} occurred.", extra
		self.status = status or STATUSES.get(name, 400)

	def as_json(self, request: Any) -> dict[str, Any]:
		"""Return the documented object, with the request's body repeated."""
		error = {
			"class": self.name,
			"message": self.message,
			"documentation_url": f"https://docs.saltedge.com/v6/#errors-{self.name}",
		}
		return {"error": error, **self.extra, "request": request or {}}


class HtmlAnswer(Exception):
	"""A page of HTML instead of an answer: a wrong path, or the firewall."""

	def __init__(self, status: int, text: str) -> None:
		super().__init__(f"HTML {status}")
		self.status, self.text = status, text


def wrong(what: str) -> SaltEdgeError:
	"""400 for a request that does not fit."""
	return SaltEdgeError("WrongRequestFormat", what)
