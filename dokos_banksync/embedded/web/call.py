"""One request on its way: whose it is, what it asks, and how it is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from dokos_banksync.embedded.phrases import Phrases
from dokos_banksync.embedded.site import Site
from dokos_banksync.embedded.web.clicks import Clicks
from dokos_banksync.embedded.web.jobs import Jobs
from dokos_banksync.embedded.web.rendering import render, scripts
from dokos_banksync.embedded.web.sessions import Session
from dokos_banksync.errors import InvalidData

CALLBACK = "/banksync/callback"


@dataclass(frozen=True)
class Desk:
	"""What the stand-in for the Desk is told of a page: a form of a document, or a list of several."""

	view: str = ""
	doctype: str = ""
	doc: Mapping[str, object] = field(default_factory=dict)
	docs: Sequence[Mapping[str, object]] = ()
	scripts: Sequence[str] = ()

	def data(self) -> dict[str, object]:
		return {"view": self.view, "doctype": self.doctype, "doc": dict(self.doc), "docs": list(self.docs)}


@dataclass(frozen=True)
class Call:
	"""A request of a person who may use the site."""

	site: Site
	request: Request
	session: Session
	phrases: Phrases
	jobs: Jobs
	clicks: Clicks

	@property
	def callback_url(self) -> str:
		return f"{self.request.host_url.rstrip('/')}{CALLBACK}"

	def page(
		self, template: str, title: str, section: str, form: Desk | None = None, **values: object
	) -> Response:
		"""A page of the site; `section` is its path in the menu, `form` what its form scripts work on."""
		desk = form or Desk()
		given: dict[str, object] = {"parent": None, "notice": "", "notice_color": "", **values}
		html = render(
			template,
			self.phrases,
			title=title,
			section=section,
			csrf_token=self.session.csrf_token,
			page_data={**desk.data(), "csrf_token": self.session.csrf_token},
			scripts=[*scripts(self.phrases.language, desk.doctype, desk.view), *desk.scripts],
			**given,
		)
		return Response(html, mimetype="text/html")

	def go(self, path: str) -> Response:
		"""After a write, or when a page has moved: see another one."""
		return redirect(path, 303)


class Arguments:
	"""The arguments of a call from a form script; what is missing or of the wrong kind is `InvalidData`."""

	def __init__(self, given: object) -> None:
		if not isinstance(given, dict):
			raise InvalidData("The call has no arguments")
		self._given: Mapping[str, Any] = given

	def text(self, name: str) -> str:
		value = self.optional(name)
		if not value:
			raise InvalidData("{0} is missing", name)
		return value

	def optional(self, name: str) -> str:
		value = self._given.get(name) or ""
		if not isinstance(value, str):
			raise InvalidData("{0} is not a text", name)
		return value.strip()


PageHandler = Callable[..., Response]
"""Takes the call and the parts of its path."""
