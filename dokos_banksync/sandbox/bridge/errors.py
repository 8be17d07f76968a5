"""Errors as Bridge answers them: https://docs.bridgeapi.io/docs/basics"""

from __future__ import annotations


class ApiError(Exception):
	"""An answer that is not a success. `about` is the property of the request that is wrong."""

	def __init__(
		self, status: int, code: str, message: str, about: str | None = None, retry_after: float | None = None
	) -> None:
		super().__init__(message)
		self.status, self.code, self.message, self.about = status, code, message, about
		self.retry_after = retry_after

	def as_json(self, *, as_list: bool = False) -> dict[str, object]:
		"""Return the documented object, or the list that other calls of Bridge use."""
		error: dict[str, object] = {"code": self.code, "message": self.message}
		if self.about:
			error["property"] = self.about
		return {"errors": [error]} if as_list else error


def invalid(about: str, message: str) -> ApiError:
	"""400 for one property."""
	return ApiError(400, "invalid_property", message, about)


def missing(what: str) -> ApiError:
	"""404 for a thing."""
	return ApiError(404, "resource_not_found", f"{what} was not found")
