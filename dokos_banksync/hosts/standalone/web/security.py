"""What every request must pass, and what every answer must have."""

from __future__ import annotations

import hmac
from collections.abc import Collection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.wrappers import Request, Response

from dokos_banksync.hosts.standalone.web.sessions import Session

if TYPE_CHECKING:
	from _typeshed.wsgi import WSGIEnvironment

BODY_LIMIT = 256 * 1024
FILE_LIMIT = 7 * 2**20
"""Of a call that brings a statement file, which is five megabytes at most and a third more in base64."""
_BRINGS_A_FILE = ("dokos_banksync.api.files.preview_file", "dokos_banksync.api.files.import_file")
CSRF_HEADER = "X-Frappe-CSRF-Token"
LOOPBACK = ("127.0.0.1", "localhost", "::1")

# Pictures from other sites are the logos of banks, at the addresses that providers give.
HEADERS = {
	"Content-Security-Policy": (
		"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; connect-src 'self'; "
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	),
	"Cross-Origin-Opener-Policy": "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Referrer-Policy": "same-origin",
	"X-Content-Type-Options": "nosniff",
	"X-Frame-Options": "DENY",
}


class BoundedRequest(Request):
	"""A request whose body and forms have a greatest size."""

	max_content_length = BODY_LIMIT
	max_form_memory_size = BODY_LIMIT
	max_form_parts = 100

	def __init__(self, environ: WSGIEnvironment) -> None:
		super().__init__(environ)
		self.max_content_length = body_limit(self.path)


def body_limit(path: str) -> int:
	"""Return how many bytes the body of a request to a path may have."""
	return FILE_LIMIT if path.rpartition("/")[2] in _BRINGS_A_FILE else BODY_LIMIT


def host_is_ours(request: Request, hosts: Collection[str]) -> bool:
	"""Return whether a request names this host. A page whose own name was pointed to this machine (DNS rebinding) sends
	that name.
	"""
	return urlsplit(f"//{request.host}").hostname in hosts


def may_write(request: Request, session: Session) -> bool:
	"""Return whether a write comes from a page of ours: it has the session's CSRF token and no foreign origin.

	The token alone decides where the origin is unknown: a browser sends `Origin: null` for a form whose page has a
	strict referrer policy, and privacy extensions remove the header.
	"""
	if _is_foreign(request):
		return False
	given = request.headers.get(CSRF_HEADER) or request.form.get("csrf_token", "")
	return hmac.compare_digest(given.encode(), session.csrf_token.encode())


def _is_foreign(request: Request) -> bool:
	"""Return whether the browser names another site as the origin (Fetch Metadata, or RFC 6454)."""
	if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
		return True
	origin = request.headers.get("Origin") or "null"
	return origin != "null" and urlsplit(origin).netloc != request.host


def cover(response: Response) -> Response:
	"""Return the response with the headers that every answer has; pages and calls are never kept by a cache."""
	for name, value in HEADERS.items():
		response.headers[name] = value
	response.headers.setdefault("Cache-Control", "no-store")
	return response
