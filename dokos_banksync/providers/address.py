"""The address of a provider's API: what is called never leaves it."""

from __future__ import annotations

import ipaddress
import os
from typing import NamedTuple
from urllib.parse import urlsplit

from dokos_banksync.core.errors import ConfigurationError, ProviderBug


class Address(NamedTuple):
	"""Scheme and host (`root`, with the port), and the path that every call starts with (may be empty)."""

	root: str
	prefix: str
	host: str
	loopback: bool

	@classmethod
	def of(cls, base_url: str) -> Address:
		"""Read a base URL: https, or http on this machine; no login, query or fragment in it.

		Raises `ConfigurationError`, for the address of a private network too; see `check_private`.
		"""
		try:
			parts = urlsplit(base_url.strip())
			host, port = parts.hostname or "", parts.port
		except ValueError:
			host, port, parts = "", None, urlsplit("")
		if not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment:
			raise ConfigurationError(
				"The base URL is not a web address. It looks like https://api.example.com.",
				field="base_url",
			)
		if parts.username is not None or parts.password is not None:
			raise ConfigurationError(
				"The base URL holds a login. Keys belong in their own fields.", field="base_url"
			)
		check_private(host, host)
		if parts.scheme == "http" and not _loopback(host):
			raise ConfigurationError(
				"The base URL must start with https://, for keys travel with every call.",
				field="base_url",
			)
		netloc = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
		return cls(f"{parts.scheme}://{netloc}", parts.path.rstrip("/"), netloc, _loopback(host))

	def url(self, path: str) -> str:
		"""Return the full address of a path below the base, or of an address that the provider gave."""
		return f"{self.root}{self.prefix}{self.relative(path)}"

	def relative(self, address: str) -> str:
		"""Return the path (with query) of an address that the provider gave, without the base's own path.

		Raises `ProviderBug` for an address of another host.
		"""
		if address.startswith("/") and not address.startswith(("//", "/\\")):
			path = address
		else:
			path = self._own(address)
		return path.removeprefix(self.prefix) if path.startswith(f"{self.prefix}/") else path

	def _own(self, address: str) -> str:
		try:
			parts = urlsplit(address)
		except ValueError:
			parts = urlsplit("")
		if parts.scheme not in ("http", "https") or parts.netloc.lower() != self.host:
			raise ProviderBug("{0} sends us to an address that is not its own.", self.host)
		return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


class LoopGuard:
	"""The addresses of a list's pages, none of which may come twice."""

	def __init__(self, host: str, longest: int = 100_000) -> None:
		self._host = host
		self._longest = longest
		self._seen: set[str] = set()

	def follow(self, address: str) -> str:
		"""Return the address itself. Raises `ProviderBug` when it was followed before, or the list has no end."""
		if address in self._seen or len(self._seen) >= self._longest:
			raise ProviderBug(
				"{0} gives the same page of a list again and again. Nothing is lost; we try again later.",
				self._host,
			)
		self._seen.add(address)
		return address


PRIVATE_HOSTS = "BANKSYNC_PRIVATE_HOSTS"
"""The environment variable with the hosts, separated by commas, that may have an address of a private network."""


def check_private(host: str, ip: str) -> None:
	"""Raise `ConfigurationError` where a host has a private IP address and is not allowed by name.

	Whoever may edit a provider could otherwise reach the services of a private network. Loopback is allowed where the
	host is named so. An `ip` that is a name is not looked up: the address is checked once more when it is connected to.
	"""
	try:
		address = ipaddress.ip_address(ip.partition("%")[0])
	except ValueError:
		return
	address = getattr(address, "ipv4_mapped", None) or address
	allowed = {name.strip().lower() for name in os.environ.get(PRIVATE_HOSTS, "").split(",")}
	if address.is_global or _loopback(host) or host.lower() in allowed:
		return
	raise ConfigurationError(
		"{0} is an address of a private network. The administrator of this machine can allow it: set {1}={2}",
		ip,
		PRIVATE_HOSTS,
		host,
		field="base_url",
	)


def _loopback(host: str) -> bool:
	if host == "localhost":
		return True
	try:
		return ipaddress.ip_address(host).is_loopback
	except ValueError:
		return False
