"""Rate limits of production: https://plaid.com/docs/errors/rate-limit-exceeded/"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dokos_banksync.sandbox.windows import MONOTONIC, Windows

_MINUTE = 60.0
PER_ITEM = {
	"/accounts/get": (15, "ACCOUNTS_LIMIT"),
	"/accounts/balance/get": (5, "ACCOUNTS_BALANCE_GET_LIMIT"),
	"/item/get": (15, "ITEM_GET_LIMIT"),
	"/item/remove": (30, "RATE_LIMIT"),
	"/transactions/sync": (50, "TRANSACTIONS_SYNC_LIMIT"),
}
PER_CLIENT = {
	"/accounts/get": (15000, "ACCOUNTS_LIMIT"),
	"/accounts/balance/get": (1200, "ACCOUNTS_BALANCE_GET_LIMIT"),
	"/item/get": (5000, "ITEM_GET_LIMIT"),
	"/transactions/sync": (2500, "TRANSACTIONS_SYNC_LIMIT"),
	"/institutions/get": (50, "RATE_LIMIT"),
	"/institutions/get_by_id": (400, "RATE_LIMIT"),
}


@dataclass
class Limits:
	"""Nothing is limited by default; `documented()` has the published numbers, calls a minute."""

	per_item: Mapping[str, tuple[int, str]] = field(default_factory=dict)
	per_client: Mapping[str, tuple[int, str]] = field(default_factory=dict)
	windows: Windows = field(default_factory=Windows)

	@classmethod
	def documented(cls, timer: Callable[[], float] = MONOTONIC) -> Limits:
		"""Return the published limits of production."""
		return cls(PER_ITEM, PER_CLIENT, Windows(timer))

	def exceeded(self, path: str, client_id: str, access_token: str) -> str | None:
		"""Count a call. Return the error code when it is one too many. Plaid names no time to wait."""
		for table, who in ((self.per_client, client_id), (self.per_item, access_token)):
			if path in table and who:
				calls, code = table[path]
				if self.windows.take(f"{path} {who}", calls, _MINUTE) is not None:
					return code
		return None
