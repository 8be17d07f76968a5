"""Benches on this machine, their sites, and three ways in: Python, HTTP, the Desk in a browser.

`$BANKSYNC_BENCHES` names the folder that holds the benches (`~/benches` when it is not set). A site is used when its
own `site_config.json` says `"allow_tests": true`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import requests

from tests.site import warm

APP = "dokos_banksync"
PASSWORD = "banksync-Tests-1"
"""Of every user that the tests make."""
ADMINISTRATOR = os.environ.get("BANKSYNC_ADMIN_PASSWORD", "admin")
ROOT = os.environ.get("BANKSYNC_DB_ROOT", "root")
"""Of the database server: to make and drop sites."""

_SECONDS = 1500
"""An accounting application takes minutes to install."""


def folder() -> Path:
	return Path(os.environ.get("BANKSYNC_BENCHES") or Path.home() / "benches")


@dataclass(frozen=True)
class Bench:
	"""A folder made by `bench init`, or one that looks the same."""

	path: Path

	@property
	def name(self) -> str:
		return self.path.name

	@cached_property
	def config(self) -> dict[str, Any]:
		return json.loads((self.path / "sites/common_site_config.json").read_text("utf-8"))

	@property
	def apps(self) -> list[str]:
		return (self.path / "sites/apps.txt").read_text("utf-8").split()

	def execute(self, *arguments: str, feed: str | None = None) -> str:
		"""Run the bench's Python in its `sites` folder; what it printed. Fails with all of it."""
		done = subprocess.run(
			[str(self.path / "env/bin/python"), *arguments],
			cwd=self.path / "sites",
			env={**os.environ, "FRAPPE_BENCH_ROOT": str(self.path), "PYTHONUNBUFFERED": "1"},
			input=feed,
			capture_output=True,
			text=True,
			timeout=_SECONDS,
		)
		assert done.returncode == 0, f"{arguments[:6]}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}"
		return done.stdout

	def command(self, *words: str) -> str:
		"""`bench <words>` without a site."""
		return self.execute("-m", "frappe.utils.bench_helper", "frappe", *words)

	def new_site(self, name: str, *apps: str, source: str = "", beside: Site | None = None) -> Site:
		"""A fresh site, maybe from the `source` of a backup, that does not outlive the test: `Site.drop` it.

		On the database server of the site `beside`, else of the bench.
		"""
		words = [*(beside.server if beside else []), "--db-root-password", ROOT]
		words += ["--db-name", self._database(name), "--admin-password", ADMINISTRATOR, "--force"]
		words += ["--source-sql", source] if source else []
		self.command("new-site", name, *words)
		site = Site(self, name)
		for app in apps:
			site.command("install-app", app)
		return site

	def _database(self, name: str) -> str:
		"""Return a name that no site of another bench has: benches may share a database server."""
		return "_" + hashlib.sha1(f"{self.path} {name}".encode()).hexdigest()[:16]

	def copy_of(self, site: Site, name: str) -> Site:
		"""A site restored from a backup of another one, with the same key for its secrets."""
		site.command("backup")
		made = max(site.path.glob("private/backups/*.sql.gz"), key=lambda path: path.stat().st_mtime)
		copy = self.new_site(name, source=str(made), beside=site)
		key = site.config.get("encryption_key")
		if key:
			copy.command("set-config", "--", "encryption_key", key)
		return copy


@dataclass(frozen=True)
class Site:
	"""A site of a bench."""

	bench: Bench
	name: str

	@property
	def path(self) -> Path:
		return self.bench.path / "sites" / self.name

	@property
	def config(self) -> dict[str, Any]:
		return json.loads((self.path / "site_config.json").read_text("utf-8"))

	@property
	def root(self) -> list[str]:
		"""Options of a command that makes or drops a database where this site's is."""
		return ["--db-root-username", "postgres"] if self.config.get("db_type") == "postgres" else []

	@property
	def server(self) -> list[str]:
		"""Options of a command that makes a site where this one is."""
		result = {name: self.config.get(f"db_{name}") for name in ("type", "host", "port")}
		return [
			*self.root,
			*(word for name, value in result.items() if value for word in (f"--db-{name}", str(value))),
		]

	@property
	def url(self) -> str:
		"""For a browser: a name below .localhost leads to this machine."""
		return f"http://{self.name}:{self.bench.config['webserver_port']}"

	def command(self, *words: str) -> str:
		"""`bench --site <this> <words>`; what it printed."""
		return self.bench.command("--site", self.name, *words)

	def run(self, code: str, *, user: str = "Administrator", language: str = "en", **values: object) -> Any:
		"""Run Python on the site, committed at the end; what it left in `answer`, by way of JSON.

		`frappe` and the `values` (plain data) are at hand. It is a process of its own: nothing is shared but the
		database. An error fails the test with the whole traceback.
		"""
		asked = {"site": self.name, "code": textwrap.dedent(code), "user": user, "language": language}
		return warm.run(self.bench.path, {**asked, "values": values}, _SECONDS)

	@cached_property
	def apps(self) -> list[str]:
		return self.run("answer = frappe.get_installed_apps()")

	def has(self, doctype: str, field: str = "") -> bool:
		"""Does the site have the doctype (and the field)?"""
		code = "answer = bool(frappe.db.exists('DocType', d) and (not f or frappe.get_meta(d).has_field(f)))"
		return self.run(code, d=doctype, f=field)

	def user(self, email: str, *roles: str, language: str = "en", permissions: Any = ()) -> str:
		"""A user with exactly these roles (those the site knows), whose password is `PASSWORD`.

		`permissions` are User Permissions: pairs of doctype and name.
		"""
		self.run(_MAKE_USER, email=email, roles=roles, lang=language, limits=permissions, password=PASSWORD)
		return email

	def client(self, user: str = "Administrator") -> Client:
		"""A user who is logged in over HTTP; a session that lasts serves again, for each costs seconds."""
		client = _CLIENTS.get((self.name, user))
		if client is None or not client.knows(user):
			client = _CLIENTS[self.name, user] = Client(self).login(user)
		return client.copy()

	def guest(self) -> Client:
		return Client(self)

	def answers(self) -> bool:
		"""Is a web server there?"""
		try:
			return self.guest().get("/api/method/ping").ok
		except requests.ConnectionError:
			return False

	def drop(self) -> None:
		words = [*self.root, "--db-root-password", ROOT, "--force", "--no-backup"]
		self.bench.command("drop-site", self.name, *words)


class Client:
	"""A browser without a screen. Answers are `requests.Response`; a write carries the token that Frappe asks for."""

	def __init__(self, site: Site) -> None:
		self.site = site
		self.session = requests.Session()
		self.session.headers.update({"Host": site.name, "Accept": "application/json"})
		self.base = f"http://127.0.0.1:{site.bench.config['webserver_port']}"

	def login(self, user: str) -> Client:
		password = ADMINISTRATOR if user == "Administrator" else PASSWORD
		answer = self.post("/api/method/login", usr=user, pwd=password)
		assert answer.ok, answer.text[-2000:]
		self._take_token()
		return self

	def _take_token(self) -> None:
		"""The Desk's page holds it; a portal user has no Desk, and Frappe then asks for none."""
		for route in ("/app", "/desk"):
			found = re.search(r'csrf_token = "(\w+)"', self.get(route).text)
			if found:
				self.session.headers["X-Frappe-CSRF-Token"] = found.group(1)
				return

	def knows(self, user: str) -> bool:
		"""Is it still this user's session?"""
		answer = self.get("/api/method/frappe.auth.get_logged_user")
		return answer.ok and answer.json().get("message") == user

	def copy(self) -> Client:
		"""The same session in another browser: what a test changes of its own stays its own."""
		other = Client(self.site)
		other.session.headers.update(self.session.headers)
		other.session.cookies.update(self.session.cookies)
		return other

	def get(self, path: str, **parameters: object) -> requests.Response:
		return self.session.get(self.base + path, params=parameters, timeout=_SECONDS, allow_redirects=False)

	def post(self, path: str, **form: object) -> requests.Response:
		return self.session.post(self.base + path, data=form, timeout=_SECONDS, allow_redirects=False)

	def call(self, method: str, **arguments: object) -> requests.Response:
		"""POST to a whitelisted method, as `frappe.xcall` does."""
		return self.post(f"/api/method/{method}", **arguments)


_CLIENTS: dict[tuple[str, str], Client] = {}


def benches() -> list[Bench]:
	found = sorted(folder().glob("*/sites/apps.txt"))
	return [Bench(path.parents[1]) for path in found if (path.parents[1] / "env/bin/python").exists()]


def sites() -> list[Site]:
	return [site for bench in benches() if APP in bench.apps for site in _sites_of(bench)]


def _sites_of(bench: Bench) -> Iterator[Site]:
	for path in sorted(bench.path.glob("sites/*/site_config.json")):
		if json.loads(path.read_text("utf-8")).get("allow_tests"):
			yield Site(bench, path.parent.name)


_MAKE_USER = """
from frappe.utils.password import update_password
known = set(frappe.get_all("Role", pluck="name"))
def stands():
	held = frappe.db.get_value("User", {"email": email, "enabled": 1}, "language")
	rules = frappe.get_all("User Permission", {"user": email}, ["allow", "for_value"])
	own = set(frappe.get_all("Has Role", {"parenttype": "User", "parent": email}, pluck="role"))
	return held == lang and own == known & set(roles) and sorted(map(list, limits)) == sorted(
		[rule.allow, rule.for_value] for rule in rules
	)
def make():
	if not frappe.db.exists("User", email):
		fields = {"doctype": "User", "email": email, "first_name": email.split("@")[0], "send_welcome_email": 0}
		frappe.get_doc(fields).insert()
	user = frappe.get_doc("User", email)
	user.update({"language": lang, "enabled": 1, "roles": [], "block_modules": []})
	user.extend("roles", [{"role": role} for role in roles if role in known])
	user.flags.ignore_password_policy = True
	user.save()
	update_password(email, password)
	frappe.db.delete("User Permission", {"user": email})
	for doctype, name in limits:
		rule = {"user": email, "allow": doctype, "for_value": name, "apply_to_all_doctypes": 1}
		frappe.get_doc({"doctype": "User Permission", **rule}).insert()
for left in (2, 1, 0):
	try:
		stands() or make()
		break
	except frappe.QueryDeadlockError:  # two suites at once on one site
		frappe.db.rollback()
		if not left:
			raise
"""
