"""A sandbox user with a sandbox browser: walks through the Connect pages by what is on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests

_MAX_PAGES = 40
_TIMEOUT_SECONDS = 30


class Lost(Exception):
	"""The page offers no way on that this user would take."""


@dataclass
class Form:
	"""A form of a page: method, address and fields."""

	method: str
	action: str
	fields: list[tuple[str, str, bool]] = field(default_factory=list)
	button: str = ""

	def names(self) -> set[str]:
		"""Return the names of the fields."""
		return {name for name, _, _ in self.fields}


class Page(HTMLParser):
	"""The links and forms of a page. `links` are found by id or by "institution <number>", `labels` by the id of
	their field.
	"""

	def __init__(self, address: str, text: str) -> None:
		super().__init__()
		self.address = address
		self.links: dict[str, str] = {}
		self.forms: list[Form] = []
		self.labels: dict[str, str] = {}
		self._label = ""
		self.feed(text)

	def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
		"""Note links, forms and fields."""
		given = {name: value or "" for name, value in attrs}
		if tag == "a":
			number = given.get("data-institution")
			self.links[f"institution {number}" if number else given.get("id", "")] = given.get("href", "")
		elif tag == "form":
			self.forms.append(Form(given.get("method", "get"), given.get("action", "")))
		elif tag == "label":
			self._label = given.get("for", "")
		elif tag == "button" and self.forms:
			self.forms[-1].button = given.get("id", "")
		elif tag == "input" and self.forms and given.get("name"):
			on = given.get("type") != "checkbox" or "checked" in given
			self.forms[-1].fields.append((given["name"], given.get("value", ""), on))

	def handle_endtag(self, tag: str) -> None:
		"""Note the end of a label."""
		if tag == "label":
			self._label = ""

	def handle_data(self, data: str) -> None:
		"""Note the text of a label."""
		if self._label:
			self.labels[self._label] = self.labels.get(self._label, "") + data

	def form(self, *, name: str = "", button: str = "") -> Form | None:
		"""Return the first form with a field of that name, or with a button of that id."""
		return next(
			(one for one in self.forms if name in one.names() or (button and one.button == button)), None
		)


@dataclass
class Customer:
	"""What this user types and ticks. `accounts`: the ids or names to share, None for what the page proposes.

	`language` is the one asked for by the browser. `then` are further logins in the same session, where the pages offer
	to connect another bank. Raises Lost when stuck, requests' errors when the
	connection fails.
	"""

	login: str = "success"
	code: str = "123456"
	institution: int = 574
	accounts: Iterable[int | str] | None = None
	consents: bool = True
	password: str = "any password"  # noqa: S105 - a sandbox bank takes any
	language: str = "en"
	then: Sequence[Customer] = ()

	def consent(self, connect_url: str) -> str:
		"""Go the whole way. The callback's address with its query, which is not visited."""
		return self._walk(connect_url, cancel_at="")

	def cancel(self, connect_url: str, at: str = "") -> str:
		"""Close the Connect flow on the first page, or on the page with the field named `at`."""
		return self._walk(connect_url, cancel_at=at or "*")

	def _walk(self, connect_url: str, cancel_at: str) -> str:
		with requests.Session() as browser:
			browser.headers["Accept-Language"] = self.language
			browser.trust_env = False
			return self._steps(browser, connect_url, cancel_at)

	def _steps(self, browser: requests.Session, connect_url: str, cancel_at: str) -> str:
		tried: set[str] = set()
		user, *later = [self, *self.then]
		step = ("get", connect_url, [])  # type: tuple[str, str, list[tuple[str, str]]]
		for _ in range(_MAX_PAGES):
			method, address, fields = step
			page = self._open(browser, method, address, data=fields, home=connect_url)
			if isinstance(page, str):
				return page
			leaving = cancel_at == "*" or (cancel_at and page.form(name=cancel_at))
			if later and page.form(button="leave") and f"institution {later[0].institution}" in page.links:
				user, *later = later
				tried.clear()
			step = ("get", page.links["cancel"], []) if leaving else user._next(page, tried)
		raise Lost("The pages go round in circles")

	def _open(
		self, browser: requests.Session, method: str, address: str, data: list[tuple[str, str]], home: str
	) -> Page | str:
		"""Return the page behind a step, or the address outside of the pages that it leads to."""
		address = urljoin(home, address)
		answer = browser.request(
			method, address, data=data or None, timeout=_TIMEOUT_SECONDS, allow_redirects=False
		)
		while answer.is_redirect:
			address = urljoin(address, answer.headers["Location"])
			if urlsplit(address)[:2] != urlsplit(home)[:2] or not urlsplit(address).path.startswith(
				"/connect/"
			):
				return address
			answer = browser.get(address, timeout=_TIMEOUT_SECONDS, allow_redirects=False)
		if not answer.ok:
			raise Lost(f"The page answers {answer.status_code}")
		return Page(address, answer.text)

	def _next(self, page: Page, tried: set[str]) -> tuple[str, str, list[tuple[str, str]]]:
		leave = page.form(button="leave")
		link = page.links.get(f"institution {self.institution}")
		if leave and "login" in tried:
			return "post", leave.action, []
		if link:
			return "get", link, []
		for name, fill in (("login", self._credentials), ("code", self._code), ("consent", self._choice)):
			form = page.form(name=name)
			if form is not None:
				if name == "consent" and name in tried:
					raise Lost("The choice was refused")
				tried.add(name)
				return "post", form.action, fill(page, form)
		form = page.form(button="continue")
		if form is None:
			raise Lost(f"Nothing to do on {urlsplit(page.address).path}")
		return "post", form.action, []

	def _credentials(self, _page: Page, _form: Form) -> list[tuple[str, str]]:
		return [("login", self.login), ("password", self.password)]

	def _code(self, _page: Page, _form: Form) -> list[tuple[str, str]]:
		return [("code", self.code)]

	def _choice(self, page: Page, form: Form) -> list[tuple[str, str]]:
		boxes = [(value, on) for name, value, on in form.fields if name == "account"]
		chosen = [
			value for value, on in boxes if self._wants(value, on, page.labels.get(f"account-{value}", ""))
		]
		consent = [("consent", "yes")] if self.consents else []
		return [*(("account", value) for value in chosen), *consent]

	def _wants(self, account_id: str, proposed: bool, label: str) -> bool:
		if self.accounts is None:
			return proposed
		return any(str(one) == account_id or label.startswith(f"{one} ") for one in self.accounts)
