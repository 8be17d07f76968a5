"""The errors that failed calls mean, whichever provider was called."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import requests
import urllib3

from dokos_banksync.core.errors import ConfigurationError, ProviderBug, RateLimited, TemporaryError
from dokos_banksync.core.provider import Clock
from dokos_banksync.providers.retry import FailureKind, retry_after

_DEFAULT_RATE_PAUSE = timedelta(seconds=60)


def is_page(body: bytes) -> bool:
	"""Return whether a body is HTML or XML."""
	return body.lstrip()[:1] == b"<"


class Failures:
	"""Names what went wrong in a call to one host."""

	def __init__(self, host: str, clock: Clock) -> None:
		self._host = host
		self._clock = clock

	def limited(self, headers: Mapping[str, str]) -> FailureKind:
		"""Return the failure of status 429: the wait that the provider asks for, or a minute."""
		wait = retry_after(headers.get("Retry-After", ""), self._clock())
		seconds = _DEFAULT_RATE_PAUSE.total_seconds() if wait is None else wait
		error = RateLimited(
			"{0} asks us to wait: too many calls. The next attempt is automatic.",
			self._host,
			until=self._clock() + timedelta(seconds=seconds),
			reference="HTTP 429",
		)
		return FailureKind(error, asked=seconds, nothing_done=True)

	def down(self, status: int, headers: Mapping[str, str]) -> FailureKind:
		"""Return the failure of a status from 500 on."""
		error = TemporaryError(
			"{0} has a problem of its own (HTTP {1}). We try again later.",
			self._host,
			status,
			reference=f"HTTP {status}",
		)
		return FailureKind(error, asked=retry_after(headers.get("Retry-After", ""), self._clock()))

	def unreadable(self, body: bytes) -> FailureKind:
		"""Return the failure of a body that is not JSON."""
		if body.lstrip()[:1] in (b"{", b"["):
			return FailureKind(
				TemporaryError("The answer of {0} stops short. We try again later.", self._host)
			)
		return FailureKind(
			ProviderBug(
				"{0} answers with something else than data. Fetch again later; if it happens again, check the base URL of "
				"the provider.",
				self._host,
			)
		)

	def page(self, status: int) -> ConfigurationError:
		"""Return the error of a refusal that is a page: no API speaks so, and nothing is known of the consent."""
		return ConfigurationError(
			"{0} answers with a page instead of data (HTTP {1}), as a firewall, a proxy or another server does. Check the base URL of "
			"the provider, and with its support whether the IP address of this server is allowed.",
			self._host,
			status,
			reference=f"HTTP {status}",
		)

	def no_answer(self, error: Exception, slow: bool) -> FailureKind:
		"""Return the failure of an answer that did not come, or not whole; `slow` once the call's time is over.

		Raises `ConfigurationError` for a certificate that is not trusted.
		"""
		if isinstance(error, (requests.exceptions.SSLError, urllib3.exceptions.SSLError)):
			raise ConfigurationError(
				"The certificate of {0} is not to be trusted. Check the base URL of the provider.", self._host
			) from None
		if slow:
			sentence = "{0} answers too slowly. We try again later."
		elif isinstance(error, requests.ConnectTimeout):
			sentence = "{0} cannot be reached in time. Check the network; we try again later."
		elif isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError)):
			sentence = "{0} does not answer in time. We try again later."
		elif not isinstance(error, requests.RequestException):
			sentence = "The answer of {0} stops short. We try again later."
		else:
			sentence = "{0} cannot be reached. Check the network and the base URL of the provider."
		return FailureKind(
			TemporaryError(sentence, self._host), nothing_done=isinstance(error, requests.ConnectTimeout)
		)


def malformed(provider: str, field: str) -> ProviderBug:
	"""Return the error for an answer without a field that the provider's documents promise."""
	return ProviderBug(
		"{0} sent an answer without the field {1}, which its documents promise. What was imported before stays. Fetch again later; "
		"if it happens again, report it to the support of {0}.",
		provider,
		field,
	)
