"""Whether a user waits for a call of a provider, and from which browser.

Banks count calls without the user (PSD2: four a day for each account) and allow more while the user is present. The proof
is the IP address and the user agent of the browser. What is not known is never made up: an address that is not public,
such as that of a computer in the same network as the site, is of no use to a bank and is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import ip_address as parsed_address

from dokos_banksync.core.provider import Context

LONGEST_USER_AGENT = 500
STILL_PRESENT = timedelta(minutes=15)
"""A job that begins later than this after the user's click does not state that the user is present."""


def of_browser(ip_address: str | None, user_agent: str | None) -> Context:
	"""Return the context of a call that a user's browser waits for.

	`ip_address` is the client's as the web server knows it. The user agent loses characters that no header may hold.
	"""
	agent = "".join(one for one in user_agent or "" if one.isascii() and one.isprintable())
	return Context(
		user_present=True,
		ip_address=_public(ip_address or ""),
		user_agent=agent.strip()[:LONGEST_USER_AGENT],
	)


def _public(address: str) -> str:
	"""Return an address in its canonical form; empty for one that is not public or not an address."""
	try:
		found = parsed_address(address.strip())
	except ValueError:
		return ""
	return str(found) if found.is_global else ""


def to_job(context: Context, now: datetime) -> dict[str, str]:
	"""Return a context as the plain values that a queue carries; `now` is the instant of the click (UTC)."""
	return {
		"ip_address": context.ip_address,
		"user_agent": context.user_agent,
		"at": now.isoformat(),
	}


def from_job(values: Mapping[str, str] | None, now: datetime) -> Context | None:
	"""Return the context of a job that begins now (UTC); None for a job that no browser asked for.

	After a long wait the context still says that a user is present, but no longer has the browser's address and user agent.
	"""
	if not values:
		return None
	if now - datetime.fromisoformat(values["at"]) > STILL_PRESENT:
		return Context(user_present=True)
	return Context(user_present=True, ip_address=values["ip_address"], user_agent=values["user_agent"])
