"""A client certificate for mutual TLS, from text to the files that the TLS library reads."""

from __future__ import annotations

import os
import ssl
import tempfile
from pathlib import Path

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.provider import Secret


class CertificateFiles:
	"""Two files that only this user may read, until `close`. No file is made where there is no certificate."""

	def __init__(self, certificate: Secret, private_key: Secret) -> None:
		"""Raise `ConfigurationError` when only one of the two is there, or one is not PEM."""
		self.paths: tuple[str, str] | None = None
		self._folder: tempfile.TemporaryDirectory[str] | None = None
		if not certificate and not private_key:
			return
		if "BEGIN CERTIFICATE" not in certificate.reveal() or "PRIVATE KEY" not in private_key.reveal():
			raise ConfigurationError(
				"Ponto Connect needs a client certificate and its private key, both as the whole content of a .pem "
				"file."
			)
		self._folder = tempfile.TemporaryDirectory(prefix="banksync-")
		home = Path(self._folder.name)
		self.paths = (
			_written(home / "certificate.pem", certificate),
			_written(home / "key.pem", private_key),
		)
		self._check()

	def close(self) -> None:
		"""Delete the files."""
		if self._folder is not None:
			self._folder.cleanup()

	def _check(self) -> None:
		"""Load the pair as the TLS library does; it cannot be asked for a password."""
		certificate, private_key = self.paths or ("", "")
		try:
			ssl.create_default_context().load_cert_chain(certificate, private_key, password="")
		except (ssl.SSLError, OSError, ValueError):
			self.close()
			raise ConfigurationError(
				"The client certificate of Ponto Connect and its private key cannot be read, are protected by a "
				"password, or do not belong together."
			) from None


def _written(path: Path, text: Secret) -> str:
	handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
	with open(handle, "w", encoding="utf-8") as file:
		file.write(text.reveal())
	return str(path)
