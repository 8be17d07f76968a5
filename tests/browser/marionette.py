"""Firefox, driven by the protocol that every Firefox speaks: Marionette, length-prefixed JSON over TCP.

Playwright needs a Firefox of its own, and geckodriver only translates WebDriver to this protocol.
https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FIREFOX = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
NO_FIREFOX = "NO FIREFOX: there is no firefox in the PATH, so the forms were NOT posted in one."
_SECONDS = 60
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key of an element's reference (W3C WebDriver, 11.1)."""
_PREFERENCES = {
	"app.normandy.enabled": False,
	"browser.shell.checkDefaultBrowser": False,
	"datareporting.policy.dataSubmissionEnabled": False,
	"intl.accept_languages": "en-GB",
	"network.captive-portal-service.enabled": False,
	"network.connectivity-service.enabled": False,
	"toolkit.telemetry.enabled": False,
}


class Firefox:
	"""One window of a running Firefox."""

	def __init__(self, port: int) -> None:
		self._socket = _connected(port)
		self._file = self._socket.makefile("rb")
		self._number = 0
		self._message()  # a greeting
		self._command("WebDriver:NewSession", capabilities={"alwaysMatch": {"acceptInsecureCerts": False}})

	def open(self, address: str) -> None:
		"""Go to an address, and wait until its page is loaded."""
		self._command("WebDriver:Navigate", url=address)

	@property
	def address(self) -> str:
		"""Return the address of the page."""
		return str(self._command("WebDriver:GetCurrentURL")["value"])

	@property
	def text(self) -> str:
		"""Return the visible text of the page."""
		return str(self.run("return document.body.innerText"))

	def run(self, script: str) -> Any:
		"""Run a script in the page, and return what it returns."""
		return self._command("WebDriver:ExecuteScript", script=script, args=[])["value"]

	def fill(self, selector: str, text: str) -> None:
		"""Type a text into the first field of a CSS selector."""
		self._command("WebDriver:ElementSendKeys", id=self._find(selector), text=text)

	def click(self, selector: str) -> None:
		"""Click the first element of a CSS selector, and wait for the page to which it leads."""
		self._command("WebDriver:ElementClick", id=self._find(selector))

	def close(self) -> None:
		"""End the connection; whoever started the process ends it."""
		self._file.close()
		self._socket.close()

	def _find(self, selector: str) -> str:
		found = self._command("WebDriver:FindElement", using="css selector", value=selector)
		return str(found["value"][_ELEMENT])

	def _command(self, name: str, **parameters: object) -> dict[str, Any]:
		self._number += 1
		text = json.dumps([0, self._number, name, parameters]).encode()
		self._socket.sendall(f"{len(text)}:".encode() + text)
		_, _, error, result = self._message()
		if error:
			raise AssertionError(f"{name}: {error['error']}: {error['message']}")
		return dict(result or {})

	def _message(self) -> Any:
		length = b""
		while not length.endswith(b":"):
			byte = self._file.read(1)
			if not byte:
				raise AssertionError("Firefox closed the connection")
			length += byte
		return json.loads(self._file.read(int(length[:-1])))


def _connected(port: int) -> socket.socket:
	"""Connect to a Firefox that is starting."""
	give_up = time.monotonic() + _SECONDS
	while True:
		try:
			return socket.create_connection(("127.0.0.1", port), timeout=_SECONDS)
		except ConnectionRefusedError:
			if time.monotonic() > give_up:
				raise
			time.sleep(0.1)


def _free_port() -> int:
	with socket.socket() as found:
		found.bind(("127.0.0.1", 0))
		return int(found.getsockname()[1])


@contextmanager
def running(profile: Path) -> Iterator[Firefox]:
	"""Start a headless Firefox with an empty profile, and end it afterwards."""
	port = _free_port()
	settings = {**_PREFERENCES, "marionette.port": port}
	lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in settings.items()]
	(profile / "user.js").write_text("\n".join(lines), "utf-8")
	command = [str(FIREFOX), "--headless", "--marionette", "--no-remote", "--profile", str(profile)]
	with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
		try:
			window = Firefox(port)
			yield window
			window.close()
		finally:
			process.terminate()
