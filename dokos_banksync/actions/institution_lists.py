"""The lists of banks of all providers: stored, searched together, and read again once a day.

A list that is older than `MAX_AGE` is still answered from, and is read again in the background. A provider whose list
is not stored yet is asked at once; one that does not answer is named, and the others are searched.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol

from dokos_banksync.actions.institution_index import InstitutionIndex
from dokos_banksync.actions.site import Site
from dokos_banksync.core.connection.institution_choice import ListedBank, Offer, group
from dokos_banksync.core.errors import WAITING_FOR_PROVIDER, Busy, ConfigurationError, NotFound, SyncError
from dokos_banksync.core.model import Institution
from dokos_banksync.providers.registry import provider_class

MAX_AGE = timedelta(days=1)
RETRY_AFTER = timedelta(minutes=1)
"""How long a provider that did not answer is not asked again by a search."""
PATIENCE = 1.0
"""Seconds that a search waits while another one reads lists: waiting searches hold workers of the web server."""
LOGO_LIMIT = 2048
"""Characters of a logo's address at most; longer ones are pictures inside the address."""


class ListCache(Protocol):
	"""Stores a list of banks for each provider. What is in it can be read again at any time."""

	scope: str
	"""Names the site: lists of two sites never mix."""

	def stamp(self, provider: str) -> str:
		"""Return the stamp under which the list was stored, or an empty text."""
		...

	def read(self, provider: str) -> str:
		"""Return the stored list, or an empty text."""
		...

	def write(self, provider: str, stamp: str, text: str) -> None:
		"""Replace the list and its stamp."""
		...


@dataclass(frozen=True)
class Found:
	"""What a search found; `failures` and `stale` by provider."""

	banks: Sequence[ListedBank]
	failures: Mapping[str, SyncError] = field(default_factory=dict)
	stale: Sequence[str] = ()
	"""Providers whose lists are to be read again."""


@dataclass
class _ProcessCache:
	"""What one process remembers of one site."""

	key: tuple[tuple[str, str], ...] = ()
	index: InstitutionIndex | None = None
	failed: dict[str, tuple[datetime, SyncError]] = field(default_factory=dict)
	lock: Lock = field(default_factory=Lock)

	@contextmanager
	def locked(self) -> Iterator[None]:
		"""Hold the lock. Raises `Busy` where another search waits for a provider."""
		if not self.lock.acquire(timeout=PATIENCE):
			raise Busy(WAITING_FOR_PROVIDER)
		try:
			yield
		finally:
			self.lock.release()


_PROCESS_CACHES: dict[str, _ProcessCache] = {}


class InstitutionLists:
	"""The lists of one site. Instances of one scope share their index."""

	def __init__(self, site: Site, cache: ListCache) -> None:
		self._site, self._cache, self._clock = site, cache, site.clock
		self._process_cache = _PROCESS_CACHES.setdefault(cache.scope, _ProcessCache())

	def search(
		self, query: str, country: str = "", provider: str = "", usable: Sequence[str] | None = None
	) -> Found:
		"""Search the lists of one provider or of all; of all those that are `usable`, where it is given.

		Raises `NotFound` for a provider that there is not, `ConfigurationError` without any, `Busy` while another search
		reads a list for the first time, and the provider's error where none of them answers.
		"""
		names = self._names(provider, usable)
		with self._process_cache.locked():
			failures = {name: error for name in names if (error := self._ensure(name))}
			if len(failures) == len(names):
				raise failures[names[0]]
			index = self._index([name for name in names if name not in failures])
		stale = [name for name in names if name not in failures and self._age(name) > MAX_AGE]
		return Found(index.search(query, country), failures, stale)

	def _names(self, provider: str, usable: Sequence[str] | None) -> list[str]:
		if provider:
			self._site.ledger.subscription(provider)
			return [provider]
		names = [str(row["name"]) for row in self._site.ledger.providers() if row.get("enabled", 1)]
		names = [name for name in names if usable is None or name in usable]
		if not names:
			raise ConfigurationError(
				"To reach banks, the site needs a subscription at a provider: add a provider first"
			)
		return names

	def refresh(self, provider: str) -> None:
		"""Ask a provider for its list and store it. Raises the provider's errors; the stored list stays then."""
		adapter = self._site.provider_of(provider)
		try:
			rows = [_stored(one) for one in adapter.institutions()]
		finally:
			adapter.close()
		stamp = f"{self._clock().isoformat()} {self._fingerprint(provider)}"
		self._cache.write(provider, stamp, json.dumps(rows, ensure_ascii=False))

	def _ensure(self, provider: str) -> SyncError | None:
		"""Read the list of a provider that is not stored yet. Return why that failed, if it did, now or just before."""
		if self._stored_at(provider):
			return None
		asked_at, error = self._process_cache.failed.get(provider, (None, None))
		if asked_at and error and self._clock() - asked_at < RETRY_AFTER:
			return error
		try:
			self.refresh(provider)
		except NotFound:
			raise
		except SyncError as failed:
			self._process_cache.failed[provider] = self._clock(), failed
			return failed
		self._process_cache.failed.pop(provider, None)
		return None

	def _stored_at(self, provider: str) -> datetime | None:
		"""Return when the list was read; None where there is none of these credentials and this address."""
		at, _, fingerprint = self._cache.stamp(provider).partition(" ")
		return datetime.fromisoformat(at) if at and fingerprint == self._fingerprint(provider) else None

	def _age(self, provider: str) -> timedelta:
		at = self._stored_at(provider)
		return self._clock() - at if at else MAX_AGE

	def _fingerprint(self, provider: str) -> str:
		"""Return a digest of what decides which list a provider gives, and how it is stored. No secret is part of it."""
		provider_type, given = self._site.ledger.subscription(provider)
		shape = [one.name for one in fields(Institution)]
		parts = [shape, provider_type, given.base_url, given.language, sorted(given.texts.items())]
		return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

	def _index(self, names: Sequence[str]) -> InstitutionIndex:
		key = tuple((name, self._cache.stamp(name)) for name in names)
		if self._process_cache.index is None or self._process_cache.key != key:
			self._process_cache.index = InstitutionIndex(group(self._offers(names)))
			self._process_cache.key = key
		return self._process_cache.index

	def _offers(self, names: Sequence[str]) -> list[Offer]:
		environments = {str(row["name"]): str(row["environment"]) for row in self._site.ledger.providers()}
		offers = []
		for name in names:
			provider_type, _ = self._site.ledger.subscription(name)
			capabilities = provider_class(provider_type).capabilities
			for row in json.loads(self._cache.read(name) or "[]"):
				offers.append(Offer(name, environments.get(name, ""), capabilities, Institution(**row)))
		return offers


def _stored(one: Institution) -> dict[str, object]:
	"""Return an institution as it is stored: what has no value is left out."""
	values = {name: value for name, value in vars(one).items() if value not in ("", None, False)}
	if len(one.logo) > LOGO_LIMIT:
		del values["logo"]
	if one.healthy is False:
		values["healthy"] = False
	return values
