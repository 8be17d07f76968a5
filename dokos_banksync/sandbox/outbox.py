"""Webhooks on their way to a client: a queue, retries with growing pauses, duplicates and reordering on demand."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from dokos_banksync.sandbox.loopback import require_loopback

_TIMEOUT_SECONDS = 5

Signer = Callable[[bytes], Mapping[str, str]]
"""Returns the signature headers for a body, computed at each attempt."""


@dataclass(frozen=True)
class WebhookCall:
	"""One webhook call. `label` is its type for the log; `content` the body as sent."""

	url: str
	label: str
	content: Mapping[str, Any]
	body: bytes
	sign: Signer


@dataclass(frozen=True)
class Attempt:
	"""One attempt to deliver one webhook call; `status` is None when nothing answered."""

	label: str
	attempt: int
	status: int | None
	body: bytes
	headers: Mapping[str, str]


@dataclass
class Outbox:
	"""Everything sent, oldest first, and what still waits.

	`twice` delivers every call two times and `backwards` delivers a batch in reverse, as providers may.
	Only loopback addresses are accepted (ValueError).
	"""

	twice: bool = False
	backwards: bool = False
	attempts: int = 3
	retry_seconds: float = 0.05
	log: list[WebhookCall] = field(default_factory=list)
	deliveries: list[Attempt] = field(default_factory=list)
	waiting: deque[WebhookCall] = field(default_factory=deque)
	on_send: Callable[[], None] = lambda: None

	def send(self, call: WebhookCall) -> None:
		"""Queue a call for `deliver`."""
		require_loopback(call.url)
		self.log.append(call)
		self.waiting.append(call)
		self.on_send()

	def forget(self) -> None:
		"""Drop the log and what waits."""
		for noted in (self.log, self.deliveries, self.waiting):
			noted.clear()

	def deliver(self, pause: Callable[[float], object]) -> None:
		"""Deliver all that waits. `pause` is called with the seconds to wait before a retry."""
		batch: list[WebhookCall] = []
		while self.waiting:
			batch.append(self.waiting.popleft())
		for call in reversed(batch) if self.backwards else batch:
			for _ in range(2 if self.twice else 1):
				self._deliver_one(call, pause)

	def _deliver_one(self, call: WebhookCall, pause: Callable[[float], object]) -> None:
		for attempt in range(1, self.attempts + 1):
			headers = {"Content-Type": "application/json", **call.sign(call.body)}
			status = _post(call.url, call.body, headers)
			self.deliveries.append(
				Attempt(call.label, attempt, status=status, body=call.body, headers=headers)
			)
			if status == 200:
				return
			if attempt < self.attempts:
				pause(self.retry_seconds * 2 ** (attempt - 1))


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> int | None:
	try:
		answer = requests.post(
			url, data=body, headers=dict(headers), timeout=_TIMEOUT_SECONDS, allow_redirects=False
		)
	except requests.RequestException:
		return None
	return answer.status_code
