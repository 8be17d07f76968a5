"""The way back from the provider's page."""

from __future__ import annotations

from urllib.parse import quote

from werkzeug.wrappers import Response

from dokos_banksync.actions import callback
from dokos_banksync.hosts.standalone.web.request_context import Call


def receive(call: Call) -> Response:
	"""Take the user back to the Bank form, which tells what happened."""
	result = callback.receive(call, call.request.args.to_dict())
	return call.go(f"/bank/{quote(result.bank, safe='')}?outcome={result.key}")
