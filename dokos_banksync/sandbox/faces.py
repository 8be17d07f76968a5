"""A provider's face: its API, its pages for users and its webhooks, under a path prefix of the sandbox server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from werkzeug.wrappers import Request, Response

from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.outbox import Outbox


class Face(Protocol):
	"""One provider over the shared world. `prefixes` are the paths it answers, each ending in a slash."""

	name: str
	prefixes: tuple[str, ...]
	outbox: Outbox
	simulations: dict[str, Callable[..., Any]]
	"""Changes on demand at the bank or the provider, by name, for the control (`POST /_sandbox/<name>/simulate`)."""

	def answer(self, request: Request) -> Response:
		"""Answer one request. A client's mistake gets the documented error, never an exception."""

	def refuse(self, fault: Fault) -> Response:
		"""Return the provider's own form of a requested error (`status`, `code`, `retry_after`)."""

	def spoil(self, kind: str, request: Request, response: Response) -> None:
		"""Apply a fault that needs the provider's own shapes ("repeat_page", "touch") to an answer."""

	def forget(self) -> None:
		"""Drop everything that clients created."""
