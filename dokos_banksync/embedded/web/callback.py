"""The way back from the provider's page."""

from __future__ import annotations

from urllib.parse import quote

from werkzeug.wrappers import Response

from dokos_banksync.desk import arrivals
from dokos_banksync.embedded.web.call import Call


def receive(call: Call) -> Response:
	"""Take the person back to the Bank form, which tells what happened."""
	landing = arrivals.receive(call, call.request.args.to_dict())
	return call.go(f"/bank/{quote(landing.bank, safe='')}?arrival={landing.key}")
