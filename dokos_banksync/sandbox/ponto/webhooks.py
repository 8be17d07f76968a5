"""Webhooks of Ponto Connect, sealed with a JWT (RS512) whose `digest` is the SHA-512 of the body in base64."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dokos_banksync.sandbox import jose
from dokos_banksync.sandbox.clock import iso
from dokos_banksync.sandbox.outbox import Outbox, WebhookCall
from dokos_banksync.sandbox.ponto.model import Account, Application, Organization, Row, Synchronization

if TYPE_CHECKING:
	from dokos_banksync.sandbox.ponto.state import Ponto

ISSUER = "https://api.ibanity.com"
KEY_ID = "sandbox_events_signature_1"
_LIFE_SECONDS = 60
_PURPOSE = "ponto webhooks"


class Webhooks:
	"""Sends what happened to the applications that gave a webhook address."""

	def __init__(self, ponto: Ponto) -> None:
		self._ponto = ponto
		self.outbox = Outbox()

	def keys(self) -> Row:
		"""Return the JWKS at `/webhooks/keys`."""
		key = jose.key_pair(_PURPOSE).public_key()
		return {"keys": [jose.jwk(key, KEY_ID, use="sig", status="ACTIVE", alg="RS512")]}

	def read(self, done: Synchronization, new: int, changed: int, pending: int) -> None:
		"""Tell what a synchronization of transactions brought."""
		counts = (
			("account.transactionsCreated", new),
			("account.transactionsUpdated", changed),
			("account.pendingTransactionsCreated", pending),
		)
		for event, count in counts:
			if count:
				self.synchronization(event, done, count=count)
		if not new and not changed and not pending:
			self.synchronization("synchronization.succeededWithoutChange", done)

	def synchronization(self, event: str, done: Synchronization, **attributes: Any) -> None:
		"""Tell every integration of the account what a synchronization led to."""
		about = {"synchronizationSubtype": done.subtype} if event.startswith("synchronization.") else {}
		for organization, application in self._ponto.integrated(done.account):
			related = {
				"account": ("account", done.account.id),
				"organization": ("organization", organization.id),
				"synchronization": ("synchronization", done.id),
			}
			self._send(event, application, related, {**about, **attributes})

	def account(self, event: str, account: Account) -> None:
		"""Tell every integration of the account what happened to it."""
		for organization, application in self._ponto.integrated(account):
			related = {
				"account": ("account", account.id),
				"organization": ("organization", organization.id),
			}
			self._send(event, application, related, {})

	def organization(self, event: str, organization: Organization, application: Application) -> None:
		"""Tell one application what happened to an organization."""
		self._send(event, application, {"organization": ("organization", organization.id)}, {})

	def _send(
		self, event: str, application: Application, related: dict[str, tuple[str, str]], attributes: Row
	) -> None:
		if not application.webhook_url:
			return
		kind = f"pontoConnect.{event}"
		relationships = {name: {"data": {"type": one[0], "id": one[1]}} for name, one in related.items()}
		content = {
			"data": {
				"attributes": {"createdAt": iso(self._ponto.now()), **attributes},
				"id": self._ponto.new_uuid(), "relationships": relationships, "type": kind,
			}
		}  # fmt: skip
		body = json.dumps(content, separators=(",", ":")).encode()
		self.outbox.send(
			WebhookCall(
				application.webhook_url,
				kind,
				content=content,
				body=body,
				sign=lambda one: self.sign(one, application),
			)
		)

	def sign(self, body: bytes, application: Application) -> Mapping[str, str]:
		"""Return the header that proves a body to an application."""
		now = int(self._ponto.now().timestamp())
		claims = {
			"aud": application.id, "digest": base64.b64encode(hashlib.sha512(body).digest()).decode(),
			"exp": now + _LIFE_SECONDS, "iat": now, "iss": ISSUER, "jti": self._ponto.new_uuid(),
		}  # fmt: skip
		token = jose.sign({"alg": "RS512", "kid": KEY_ID}, claims, jose.key_pair(_PURPOSE))
		return {"Signature": token}
