"""The sandbox speaks with this machine only."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
	"""Is it this machine: localhost, a name under it, 127.0.0.0/8 or ::1?"""
	name = host.strip("[]").rstrip(".").lower()
	if name == "localhost" or name.endswith(".localhost"):
		return True
	try:
		return ipaddress.ip_address(name).is_loopback
	except ValueError:
		return False


def require_loopback(url: str) -> None:
	"""ValueError for an address that is not http(s) on this machine."""
	parts = urlsplit(url)
	if parts.scheme not in ("http", "https") or not is_loopback(parts.hostname or ""):
		raise ValueError(f"The sandbox only speaks with this machine, not with {parts.netloc or url!r}")
