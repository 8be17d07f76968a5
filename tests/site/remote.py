"""A ledger on a real site, used from here: the same contract suite then asks it the same questions.

A process of the bench holds the ledger. Requests and responses are plain data of this package; an
object that must stay there (a batch, a store of secrets) is represented by a `RemoteObject`.
"""

from __future__ import annotations

import os
import pickle
import subprocess
from typing import Any

from tests.site.bench import Site

_SERVER = """
import json, os, pickle, sys, traceback
output = os.fdopen(os.dup(1), "wb"); os.dup2(2, 1)
import frappe
frappe.init(site=sys.argv[1]); frappe.connect()
from dokos_banksync.hosts.frappe.ledger import FrappeLedger
import dokos_banksync.core.errors, dokos_banksync.core.model, dokos_banksync.core.records
frappe.set_user("Administrator")
objects = {0: FrappeLedger()}

def answer(request):
	number, name, args, more = request
	if name == "exec":
		scope = {"frappe": frappe, "ledger": objects[0], **more}
		exec(args[0], scope)
		left = scope.get("answer")
		return json.loads(frappe.as_json(left)) if isinstance(left, (dict, list)) else left
	if name == "constants":
		members = {name: getattr(type(objects[number]), name) for name in dir(type(objects[number]))}
		return {name: value for name, value in members.items() if type(value) in (int, str, bool)}
	found = getattr(objects[number], name)
	return found(*args, **more) if callable(found) else found

def encoded(value):
	if hasattr(value, "__next__"):
		return "value", list(value)
	if hasattr(value, "__enter__") or (type(value).__module__.startswith("dokos_banksync.hosts.")):
		objects[len(objects)] = value
		return "object", len(objects) - 1
	return "value", value

while True:
	try:
		request = pickle.load(sys.stdin.buffer)
	except EOFError:
		break
	try:
		reply = encoded(answer(request))
	except BaseException as error:
		ours = type(error).__module__.startswith(("dokos_banksync", "builtins"))
		reply = "error", error if ours else RuntimeError(traceback.format_exc())
	output.write(pickle.dumps(reply)); output.flush()
"""


class RemoteObject:
	"""An object of the other process, whose methods are called there."""

	def __init__(self, process: Process, number: int = 0) -> None:
		self._process, self._number = process, number

	def __getattr__(self, name: str) -> Any:
		"""Return an attribute that the remote object has; raise `AttributeError` for any other."""
		if name.startswith("__") or name not in self._process.names(self._number):
			raise AttributeError(name)
		constants = self._process.constants(self._number)
		if name in constants:
			return constants[name]
		return lambda *args, **more: self._process.ask(self._number, name, args, more)

	def clock(self) -> Any:
		return self._process.ask(self._number, "clock", (), {})

	def __enter__(self) -> Any:
		return self._process.ask(self._number, "__enter__", (), {})

	def __exit__(self, kind: Any, error: Any, trace: Any) -> Any:
		plain = (BaseException, BaseException("an error here"), None) if kind else (None, None, None)
		try:
			return self._process.ask(self._number, "__exit__", plain, {})
		except BaseException:
			if error is None:
				raise
			return False


class Process:
	"""The bench's Python, with a ledger in it."""

	def __init__(self, site: Site) -> None:
		self._names: dict[int, frozenset[str]] = {}
		self._constants: dict[int, dict[str, Any]] = {}
		bench = site.bench.path
		self._there = subprocess.Popen(
			[str(bench / "env/bin/python"), "-c", _SERVER, site.name],
			cwd=bench / "sites",
			env={**os.environ, "FRAPPE_BENCH_ROOT": str(bench)},
			stdin=subprocess.PIPE,
			stdout=subprocess.PIPE,
		)

	def ask(self, number: int, name: str, args: tuple[Any, ...], more: dict[str, Any]) -> Any:
		assert self._there.stdin
		assert self._there.stdout
		pickle.dump((number, name, args, more), self._there.stdin)
		self._there.stdin.flush()
		kind, value = pickle.load(self._there.stdout)
		if kind == "error":
			raise value
		return RemoteObject(self, value) if kind == "object" else value

	def names(self, number: int) -> frozenset[str]:
		if number not in self._names:
			self._names[number] = frozenset(self.ask(number, "__dir__", (), {}))
		return self._names[number]

	def constants(self, number: int) -> dict[str, Any]:
		"""Return the numbers and texts that its class defines."""
		if number not in self._constants:
			self._constants[number] = self.ask(number, "constants", (), {})
		return self._constants[number]

	def run(self, code: str, **values: Any) -> Any:
		"""Run Python in the process of the ledger; return what it left in `answer`."""
		return self.ask(0, "exec", (code,), values)

	@property
	def ledger(self) -> RemoteObject:
		return RemoteObject(self)

	def __enter__(self) -> Process:
		return self

	def __exit__(self, *_error: object) -> None:
		assert self._there.stdin
		assert self._there.stdout
		self._there.stdin.close()
		self._there.wait(30)
		self._there.stdout.close()
