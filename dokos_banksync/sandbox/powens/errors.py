"""Errors as Powens answers them."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
	"""An answer `{code, description, message, request_id}` with a status."""

	def __init__(self, status: int, code: str, description: str = "", message: str | None = None) -> None:
		super().__init__(code)
		self.status, self.code, self.description, self.message = status, code, description, message

	def as_json(self, request_id: int) -> dict[str, Any]:
		"""Return the body."""
		return {
			"code": self.code, "description": self.description or self.code, "message": self.message,
			"request_id": request_id,
		}  # fmt: skip


def missing(what: str) -> ApiError:
	"""Return the error for an id that the token's user does not have."""
	return ApiError(404, "notFound", f"No such {what}")
