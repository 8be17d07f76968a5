"""Error answers, by the names of the examples in the OpenAPI document."""

from __future__ import annotations

from typing import Any, NamedTuple


class Problem(NamedTuple):
	"""The texts of an error that the document shows."""

	summary: str
	detail: str
	kind: str = ""


class ApiError(Exception):
	"""An answer that is not a success. `type` is sent where the document shows one; `body` replaces the usual one."""

	def __init__(
		self, status: int, summary: str, detail: str = "", kind: str = "", body: dict[str, Any] | None = None
	) -> None:
		super().__init__(summary)
		self.status, self.summary, self.detail, self.kind, self.body = status, summary, detail, kind, body

	@classmethod
	def of(cls, status: int, problem: Problem) -> ApiError:
		"""Return the error of a documented problem."""
		return cls(status, problem.summary, problem.detail, problem.kind)

	def as_json(self) -> dict[str, Any]:
		"""Return the `ErrorResponse`."""
		if self.body is not None:
			return self.body
		shown = {"summary": self.summary, "detail": self.detail, "status_code": self.status}
		return {**shown, "type": self.kind} if self.kind else shown


def missing() -> ApiError:
	"""Return the error for an id that is not known."""
	return ApiError(404, "Not found.", "Not found.")


def field_error(name: str, summary: str) -> ApiError:
	"""Return the error for a field, which is nested under its name."""
	nested = {"summary": summary, "detail": summary}
	return ApiError(400, summary, body={name: nested, "status_code": 400})


AUTHENTICATION_FAILED = Problem("Authentication failed", "No active account found with the given credentials")
INVALID_TOKEN = Problem("Invalid token", "Token is invalid or expired")
EXPIRED = Problem(
	"Couldn't update account data", "Access has expired or it has been revoked.", "AccessExpiredError"
)
RATE_LIMIT = Problem(
	"Rate limit exceeded",
	"The daily request limit set by the Institution has been exceeded.",
	"RateLimitError",
)
EUA_EXPIRED = "End User Agreement (EUA) {} has expired"
