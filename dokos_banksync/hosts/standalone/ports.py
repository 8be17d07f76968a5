"""Why a host or a port cannot be used, in a sentence."""

from __future__ import annotations

import errno
import socket

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.message import reason_of

_SECONDS = 2


def unusable_port(port: int, host: str, error: Exception) -> ConfigurationError:
	"""Return the error for a port or host that could not be bound."""
	code = error.errno if isinstance(error, OSError) else None
	if code in (errno.EACCES, errno.EPERM):
		return ConfigurationError(
			"Port {0} of {1} is reserved for the system: choose one from 1024 on with --port", port, host
		)
	if code == errno.EADDRINUSE:
		return ConfigurationError(
			"Port {0} of {1} is used by another program: choose another with --port", port, host
		)
	return ConfigurationError(
		"{0} is not an address that this machine can listen on ({1})", host, reason_of(error)
	)


def answers(host: str, port: int) -> bool:
	"""Return whether a program listens there."""
	try:
		with socket.create_connection((host, port), timeout=_SECONDS):
			return True
	except OSError:
		return False


def check_host(host: str) -> None:
	"""Raise `ConfigurationError` for a name that is not an address, such as a misspelt one."""
	try:
		socket.getaddrinfo(host, None)
	except (OSError, UnicodeError) as error:
		raise unusable_port(0, host, error) from error
