"""Error answers of the API (JSON:API) and of OAuth 2.0 (RFC 6749 section 5.2)."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
	"""An answer that is not a success. `pointer` is the part of the body that is wrong."""

	def __init__(
		self, status: int, code: str, detail: str, pointer: str = "", retry_after: float | None = None
	) -> None:
		super().__init__(detail)
		self.status, self.code, self.detail, self.pointer = status, code, detail, pointer
		self.retry_after = retry_after

	def as_json(self) -> dict[str, Any]:
		"""Return the body of the answer."""
		error: dict[str, Any] = {"code": self.code, "detail": self.detail}
		if self.pointer:
			error["source"] = {"pointer": self.pointer}
		return {"errors": [error]}


class OAuthError(ApiError):
	"""A refusal of the token endpoint."""

	def as_json(self) -> dict[str, Any]:
		"""Return the body of the answer."""
		return {"error": self.code, "error_description": self.detail}


def missing(resource: str) -> ApiError:
	"""Return the error (404) for a resource that is not there."""
	return ApiError(404, "resourceNotFound", f"The requested {resource} was not found")
