"""Pages and answers of JSON that say what went wrong, or what to do first."""

from __future__ import annotations

import json

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core import errors
from dokos_banksync.hosts.standalone.web.rendering import render


def failure(request: Request, translations: Translations, error: errors.SyncError) -> Response:
	"""Return the answer to a request that failed with an error of ours: a page, or JSON for a call."""
	status = error.http_status
	sentence = translations.error(error)
	if request.path.startswith("/api/"):
		message = {"exc_type": type(error).__name__, "message": sentence}
		return json_answer({**message, "code": error.code, "reference": error.reference}, status)
	html = render(
		"message.html",
		translations,
		title=translations("This could not be done"),
		message=sentence,
		**_ways_back(request.path),
		code=error.code,
		reference=error.reference,
	)
	return Response(html, status, mimetype="text/html")


_HTTP_SENTENCES = {
	403: "This request did not come from a page of this site. Reload the page and try again.",
	404: "There is no page at this address.",
	405: "This address cannot be used in this way.",
	413: "This is more than the site takes at once.",
}


def http_failure(request: Request, translations: Translations, error: HTTPException) -> Response:
	"""Return the answer to a request that HTTP itself refuses: a page, or JSON for a call."""
	status = error.code or 400
	sentence = _HTTP_SENTENCES.get(status, "This request cannot be understood.")
	if request.path.startswith("/api/"):
		return json_answer({"exc_type": type(error).__name__, "message": translations(sentence)}, status)
	return message_page(translations, status, "This could not be done", sentence, way_from=request.path)


def message_page(
	translations: Translations, status: int, title: str, message: str, way_from: str = ""
) -> Response:
	"""Return a page that holds a sentence alone; from the path `way_from` it leads back to a list."""
	html = render(
		"message.html",
		translations,
		title=translations(title),
		message=translations(message),
		**_ways_back(way_from),
		code="",
		reference="",
	)
	return Response(html, status, mimetype="text/html")


_LISTS = {
	"/bank-account": "Bank accounts",
	"/bank-transaction": "Bank Transactions",
	"/bank-transaction-category": "Categories",
	"/sync-connection": "Connections",
	"/sync-line": "Bank Transactions",
	"/sync-run": "History",
	"/sync-certificate": "Certificates",
	"/sync-provider": "Providers",
}
"""The pages of a failure lead back to the list of what was asked for."""


def _ways_back(path: str) -> dict[str, object]:
	first = f"/{path.lstrip('/').partition('/')[0]}"
	listed = "/bank-transaction" if first == "/sync-line" else first
	return {
		"home": bool(path),
		"list_path": listed if first in _LISTS else "",
		"list_name": _LISTS.get(first, ""),
	}


def json_answer(data: object, status: int = 200) -> Response:
	"""Return data as JSON."""
	return Response(json.dumps(data), status, mimetype="application/json")
