"""Changes at Enable Banking or at its banks, simulated on demand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from dokos_banksync.sandbox.enable_banking.model import APPLICATION_ID
from dokos_banksync.sandbox.enable_banking.state import EnableBanking


def simulations(state: EnableBanking) -> dict[str, Callable[..., Any]]:
	"""Return them by name; each takes what JSON can say."""

	def end_session(session_id: str, status: str = "EXPIRED") -> None:
		"""End a session as EXPIRED, CLOSED or REVOKED."""
		state.end(state.sessions[session_id], status)

	def change_quirks(institution: int, **values: Any) -> None:
		"""Change how a bank's interface behaves."""
		state.change_quirks(institution, **values)

	def allow_redirect(url: str, application_id: str = APPLICATION_ID) -> None:
		"""Register one more redirect address."""
		application = state.application(application_id)
		if application is None:
			raise KeyError(application_id)
		application.redirect_urls = (*application.redirect_urls, url)

	def register(application_id: str, public_key: str, redirect_urls: list[str]) -> None:
		"""Register an application with a public key in PEM format."""
		key = load_pem_public_key(public_key.encode())
		if not isinstance(key, RSAPublicKey):
			raise TypeError("The key is no RSA key")
		state.register(application_id, key, tuple(redirect_urls))

	def keys() -> dict[str, str]:
		"""Return the id and the private key of the first application."""
		return {"application_id": APPLICATION_ID, "private_key": state.private_key}

	return {
		"end_session": end_session, "change_quirks": change_quirks, "allow_redirect": allow_redirect,
		"register": register, "keys": keys,
	}  # fmt: skip
