"""The sandbox on a loopback port."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType

from dokos_banksync.sandbox.app import LoggedCall, SandboxApp
from dokos_banksync.sandbox.bridge.events import Events
from dokos_banksync.sandbox.bridge.limits import Limits
from dokos_banksync.sandbox.bridge.model import CLIENT_ID, CLIENT_SECRET, Application, Settings
from dokos_banksync.sandbox.bridge.state import Bridge
from dokos_banksync.sandbox.enable_banking.face import EnableBankingFace
from dokos_banksync.sandbox.faults import Faults
from dokos_banksync.sandbox.gocardless.face import GoCardlessFace
from dokos_banksync.sandbox.httpd import Httpd
from dokos_banksync.sandbox.loopback import is_loopback
from dokos_banksync.sandbox.outbox import Outbox
from dokos_banksync.sandbox.plaid.face import PlaidFace
from dokos_banksync.sandbox.plaid.state import Plaid
from dokos_banksync.sandbox.ponto.face import PontoFace
from dokos_banksync.sandbox.powens.face import PowensFace
from dokos_banksync.sandbox.salt_edge.face import SaltEdgeFace
from dokos_banksync.sandbox.salt_edge.state import SaltEdge
from dokos_banksync.sandbox.world import World

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "SandboxServer"]

_POLL_SECONDS = 0.02


class SandboxServer:
	"""A world served in threads of this process, until it is closed.

	`url` is the base address of the API (`{url}/v3/...`), of the Connect pages and of the control
	(`{url}/_sandbox/...`). Calls are not limited unless `limits` says so. Refuses (ValueError) a host that is
	not loopback; OSError when the port is taken. `plaid` and `salt_edge` make these providers'
	sides of the world, served at `plaid_url` and `salt_edge_url`.
	"""

	def __init__(
		self,
		world: World | None = None,
		host: str = "127.0.0.1",
		port: int = 0,
		*,
		applications: tuple[Application, ...] | None = None,
		settings: Settings | None = None,
		limits: Limits | None = None,
		plaid: Callable[[World], Plaid] = Plaid,
		salt_edge: Callable[[World], SaltEdge] = SaltEdge,
	) -> None:
		if not is_loopback(host):
			raise ValueError(f"The sandbox only serves this machine, not {host}")
		self.world = world or World()
		self.bridge = Bridge(self.world, applications, settings, limits)
		self.plaid, self.salt_edge = plaid(self.world), salt_edge(self.world)
		self.enable_banking = EnableBankingFace(self.world)
		self.ponto, self.gocardless = PontoFace(self.world), GoCardlessFace(self.world)
		self.powens = PowensFace(self.world)
		own = (self.enable_banking, self.ponto, self.gocardless, self.powens)
		faces = (PlaidFace(self.plaid), SaltEdgeFace(self.salt_edge), *own)
		self.app = SandboxApp(self.bridge, faces)
		self._httpd = Httpd(host, port, self.app)
		self._set_addresses(host)
		self._events_wait = threading.Event()
		self._idle = threading.Event()
		self._idle.set()
		self._outboxes: list[Events | Outbox] = [
			self.bridge.events,
			*(face.outbox for face in self.app.faces.values()),
		]
		for outbox in self._outboxes:
			outbox.on_send = self._wake_sender
		self._threads = [
			threading.Thread(target=self._httpd.serve_forever, args=(_POLL_SECONDS,), daemon=True),
			threading.Thread(target=self._send_events, daemon=True),
		]

	def _set_addresses(self, host: str) -> None:
		shown = f"[{host}]" if ":" in host else host
		self.url = f"http://{shown}:{self._httpd.server_port}"
		self.bridge_url = self.url
		self.enable_banking_url = f"{self.url}/enable_banking"
		self.gocardless_url = f"{self.url}/gocardless/api/v2"
		self.ponto_url = f"{self.url}/ponto"
		self.powens_url = f"{self.url}/powens/2.0"
		self.plaid_url = f"{self.url}/plaid"
		self.salt_edge_url = f"{self.url}/salt-edge/api/v6"

	@property
	def faults(self) -> Faults:
		"""Return the faults that are set."""
		return self.app.faults

	@property
	def calls(self) -> list[LoggedCall]:
		"""Return the calls that were made."""
		return self.app.calls

	def start(self) -> SandboxServer:
		"""Start serving, and return the server."""
		for thread in self._threads:
			thread.start()
		return self

	def close(self) -> None:
		"""End every connection and thread. Calls that hang on purpose end. Closing twice is closing once."""
		self.app.closing.set()
		self._events_wait.set()
		started = [thread for thread in self._threads if thread.is_alive()]
		if started:
			self._httpd.shutdown()
		self._httpd.close_all()
		for thread in started:
			thread.join(timeout=10)

	def wait_for_webhooks(self, timeout: float = 10) -> bool:
		"""Wait until every event so far was handed over or given up. False when that takes too long."""
		return self._idle.wait(timeout)

	def __enter__(self) -> SandboxServer:
		return self.start()

	def __exit__(
		self,
		kind: type[BaseException] | None,
		error: BaseException | None,
		traceback: TracebackType | None,
	) -> None:
		self.close()

	def _wake_sender(self) -> None:
		self._idle.clear()
		self._events_wait.set()

	def _send_events(self) -> None:
		while not self.app.closing.is_set():
			self._events_wait.wait()
			self._events_wait.clear()
			for outbox in self._outboxes:
				outbox.deliver(self.app.closing.wait)
			if not any(outbox.waiting for outbox in self._outboxes):
				self._idle.set()
