"""Long lists page by page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from dokos_banksync.hosts.standalone.web.request_context import Call

PAGE = 100
T = TypeVar("T")


def page_of(
	call: Call, path: str, read: Callable[[int], Sequence[T]], size: int = PAGE
) -> tuple[list[T], dict[str, Any]]:
	"""Return the rows of the page that the address names, and the addresses of the first and the next one.

	`read` returns as many rows from the beginning of the list as it is asked for.
	"""
	page = max(call.request.args.get("page", 0, int), 0)
	found = read((page + 1) * size + 1)[page * size :]
	pages: dict[str, Any] = {
		"first_page": path if page else "",
		"next_page": f"{path}?page={page + 1}" if len(found) > size else "",
	}
	return list(found[:size]), pages
