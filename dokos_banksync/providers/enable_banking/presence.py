"""The headers that state to a bank that its customer is present: then a call does not count against the daily quota.

A bank requires all of its `required_psu_headers` or none of them. What is not known is never made up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_ADDRESS, _AGENT = "Psu-Ip-Address", "Psu-User-Agent"


def headers(ip_address: str, user_agent: str, required: Sequence[str]) -> Mapping[str, str]:
	"""Return the headers of a user who is present; none without a user, or when a required one is not known."""
	if not ip_address:
		return {}
	known = {_ADDRESS: ip_address, **({_AGENT: user_agent} if user_agent else {})}
	have = {name.lower() for name in known}
	return known if all(name.lower() in have for name in required) else {}
