"""One call of the API on its way through the checks, and what its handler may ask of it."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Request

from dokos_banksync.sandbox.bridge.errors import ApiError, invalid, missing
from dokos_banksync.sandbox.bridge.model import Account, Application, Item, User
from dokos_banksync.sandbox.bridge.state import Bridge

VERSION = "2025-01-15"
DEFAULT_LIMIT, MAX_LIMIT = 50, 500


@dataclass
class Call:
	"""A call whose application is known. `user` is there for calls that bear a user's token."""

	request: Request
	bridge: Bridge
	application: Application
	given_user: User | None = None

	@property
	def user(self) -> User:
		"""Return the token's user. Raise 401 without one."""
		if self.given_user is None:
			raise ApiError(401, "unauthorized", "A user's access token is needed")
		return self.given_user

	@property
	def french(self) -> bool:
		"""Return whether the caller prefers French to English."""
		return self.request.accept_languages.best_match(["en", "fr"], "en") == "fr"

	@property
	def body(self) -> dict[str, Any]:
		"""Return the JSON object that was sent, {} for none. 415 and 422 as documented."""
		raw = self.request.get_data()
		if not raw:
			return {}
		if self.request.mimetype != "application/json":
			raise ApiError(415, "unsupported_media_type", "The content type must be application/json")
		body = self.request.get_json(silent=True)
		if not isinstance(body, dict):
			raise ApiError(422, "unprocessable_content", "The body is not a JSON object")
		return body

	@property
	def limit(self) -> int:
		"""Return the page size that was asked for. Raise 400 for an invalid one."""
		limit = self.integer("limit")
		if limit is None:
			return DEFAULT_LIMIT
		if not 1 <= limit <= MAX_LIMIT:
			raise invalid("limit", f"limit goes from 1 to {MAX_LIMIT}")
		return limit

	def integer(self, name: str) -> int | None:
		"""Return a whole number of the query, or None. Raise 400 for anything else."""
		text = self.request.args.get(name)
		if text is None:
			return None
		if not text.isascii() or not text.isdigit():
			raise invalid(name, f"{name} must be a whole number")
		return int(text)

	def day(self, name: str) -> date | None:
		"""Return a day of the query, or None. Raise 400 for anything else."""
		text = self.request.args.get(name)
		try:
			return date.fromisoformat(text) if text is not None else None
		except ValueError:
			raise invalid(name, f"{name} must be a date such as 2026-01-31") from None

	def instant(self, name: str) -> datetime | None:
		"""Return an instant of the query, or None. Raise 400 for anything else."""
		text = self.request.args.get(name)
		if text is None:
			return None
		try:
			instant = datetime.fromisoformat(text.replace("Z", "+00:00").replace(" ", "+"))
		except ValueError:
			raise invalid(name, f"{name} must be a timestamp such as 2026-01-31T08:00:00.000Z") from None
		return instant if instant.tzinfo else instant.replace(tzinfo=timezone.utc)

	def words(self, name: str) -> list[str]:
		"""Return the values of a parameter that may be repeated or parted by commas."""
		return [word for text in self.request.args.getlist(name) for word in text.split(",") if word]

	def item(self, item_id: int) -> Item:
		"""Return an item of this user, or 404."""
		if item_id not in self.user.items:
			raise missing("The item")
		return self.user.items[item_id]

	def account(self, account_id: int) -> Account:
		"""Return an account of this user, or 404."""
		for account in self.user.accounts():
			if account.id == account_id:
				return account
		raise missing("The account")

	def cursor(self) -> str | None:
		"""Return what an earlier page put into `after`; 400 for anything else."""
		text = self.request.args.get("after")
		if text is None:
			return None
		try:
			return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
		except ValueError:
			raise invalid("after", "after must be taken from next_uri") from None

	def pagination(self, after: object | None) -> dict[str, Any]:
		"""Return the `pagination` of an answer: where the next page is, as a path, or how the last one is shown."""
		if after is None:
			return {"next_uri": None} if self.bridge.settings.null_next_uri else {}
		token = base64.urlsafe_b64encode(str(after).encode()).decode().rstrip("=")
		other_args = [pair for pair in self.request.args.items(multi=True) if pair[0] != "after"]
		return {"next_uri": f"{self.request.path}?{urlencode([*other_args, ('after', token)])}"}

	def listing(self, rows: Iterable[tuple[int, dict[str, Any]]]) -> dict[str, Any]:
		"""Return one page of rows that have a number each, in the order of the numbers."""
		cursor = self.cursor()
		if cursor is not None and not cursor.lstrip("-").isdigit():
			raise invalid("after", "after must be taken from next_uri")
		start, limit = None if cursor is None else int(cursor), self.limit
		ordered = sorted(
			(pair for pair in rows if start is None or pair[0] > start), key=lambda pair: pair[0]
		)
		page = ordered[:limit]
		after = page[-1][0] if len(ordered) > limit else None
		answer: dict[str, Any] = {"resources": [row for _, row in page], "pagination": self.pagination(after)}
		if after is None and self.bridge.settings.no_pagination_at_end:
			del answer["pagination"]
		return answer
