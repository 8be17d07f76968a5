"""Exceptions without what frames held.

A traceback keeps the local variables of every frame it passed, and error reports store them. Below a call of HTTP
they hold headers, bodies and forms, as requests and urllib3 pass them on.
"""

from __future__ import annotations

from typing import TypeVar

_Error = TypeVar("_Error", bound=BaseException)


def without_traces(error: _Error) -> _Error:
	"""Return the exception, without its traceback and those of the exceptions that it came of.

	Frames above the one that raises it again are added as it passes them.
	"""
	waiting: list[BaseException | None] = [error]
	seen: set[int] = set()
	while waiting:
		one = waiting.pop()
		if one is not None and id(one) not in seen:
			seen.add(id(one))
			one.__traceback__ = None
			waiting += [one.__cause__, one.__context__]
	return error
