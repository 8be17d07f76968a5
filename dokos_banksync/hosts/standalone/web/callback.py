"""The return of the user from the provider's page."""

from __future__ import annotations

from urllib.parse import quote

from werkzeug.wrappers import Response

from dokos_banksync.actions import callback
from dokos_banksync.hosts.standalone.web.request_context import Call


def receive(call: Call) -> Response:
	"""Redirect the user to the Bank form, which shows the outcome."""
	result = callback.receive(call, call.request.args.to_dict())
	return call.go(f"/bank/{quote(result.bank, safe='')}?outcome={result.key}")
