"""The events Bridge tells about, and their signature: https://docs.bridgeapi.io/docs/secure-your-webhooks"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import requests

from dokos_banksync.sandbox.clock import Clock, to_ms
from dokos_banksync.sandbox.loopback import require_loopback

SIGNATURE_HEADER = "BridgeApi-Signature"
_TIMEOUT_SECONDS = 5


def signature(body: bytes, secrets: Iterable[str]) -> str:
	"""Return the value of the signature header: one upper-case hex HMAC-SHA256 of the raw body per active secret."""
	return ",".join(
		"v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().upper() for secret in secrets
	)


@dataclass
class Target:
	"""Where events go. `secrets`: two while one replaces the other. Only loopback addresses are served."""

	url: str
	secrets: tuple[str, ...] = ("whsec-local-sandbox",)
	twice: bool = False
	backwards: bool = False
	attempts: int = 3
	retry_seconds: float = 0.05

	def __post_init__(self) -> None:
		require_loopback(self.url)
		if not 1 <= len(self.secrets) <= 2:
			raise ValueError("A webhook has one secret, or two while one replaces the other")


@dataclass(frozen=True)
class Delivery:
	"""One try to hand over one event; `status` is None without an answer."""

	type: str
	body: bytes
	attempt: int
	status: int | None


@dataclass
class Events:
	"""Everything that happened, oldest first, and what is still to be delivered."""

	clock: Clock
	target: Target | None = None
	log: list[dict[str, Any]] = field(default_factory=list)
	deliveries: list[Delivery] = field(default_factory=list)
	waiting: deque[dict[str, Any]] = field(default_factory=deque)
	on_send: Callable[[], None] = lambda: None

	def send(self, event: str, content: dict[str, Any]) -> None:
		"""Note an event; with a target it waits there for `deliver`."""
		content_sent = {name: value for name, value in content.items() if value is not None}
		envelope = {"content": content_sent, "timestamp": to_ms(self.clock.now()), "type": event}
		self.log.append(envelope)
		if self.target is not None:
			self.waiting.append(envelope)
			self.on_send()

	def forget(self) -> None:
		"""Drop the target and everything noted so far."""
		self.target = None
		for noted in (self.log, self.deliveries, self.waiting):
			noted.clear()

	def deliver(self, pause: Callable[[float], object]) -> None:
		"""Hand over all that waits. `pause` is called with the seconds to wait before a retry."""
		target = self.target
		batch: list[dict[str, Any]] = []
		while self.waiting:
			batch.append(self.waiting.popleft())
		if target is None:
			return
		if target.backwards:
			batch.reverse()
		for envelope in batch:
			for _ in range(2 if target.twice else 1):
				self._hand_over(envelope, target, pause)

	def _hand_over(self, envelope: dict[str, Any], target: Target, pause: Callable[[float], object]) -> None:
		body = json.dumps(envelope, separators=(",", ":")).encode()
		for attempt in range(1, target.attempts + 1):
			status = _post(target, body)
			self.deliveries.append(Delivery(envelope["type"], body, attempt, status))
			if status == 200:
				return
			if attempt < target.attempts:
				pause(target.retry_seconds * 2 ** (attempt - 1))


def _post(target: Target, body: bytes) -> int | None:
	headers = {"Content-Type": "application/json", SIGNATURE_HEADER: signature(body, target.secrets)}
	try:
		answer = requests.post(
			target.url, data=body, headers=headers, timeout=_TIMEOUT_SECONDS, allow_redirects=False
		)
	except requests.RequestException:
		return None
	return answer.status_code
