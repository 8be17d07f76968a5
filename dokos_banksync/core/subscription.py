"""A subscription with a provider: its credentials, and how they are declared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum


class Secret:
	"""A text that never shows itself by accident: not in a repr, a log, a traceback or a format string."""

	__slots__ = ("_text",)

	def __init__(self, text: str) -> None:
		self._text = text

	def reveal(self) -> str:
		"""Return the text in the clear: only for the call that needs it."""
		return self._text

	def __bool__(self) -> bool:
		return bool(self._text)

	def __repr__(self) -> str:
		return "Secret(…)"

	__str__ = __repr__


NO_SECRET = Secret("")


class FieldKind(str, Enum):
	"""How a credential is entered and stored. Secrets are encrypted and never shown again."""

	TEXT = "text"
	SECRET = "secret"  # noqa: S105 - the name of a kind
	SECRET_FILE = "secret_file"  # noqa: S105 - the name of a kind
	"""A secret of several lines, such as a private key in PEM format; usually read from a file."""
	CHOICE = "choice"

	@property
	def secret(self) -> bool:
		"""Return whether a value of this kind is encrypted."""
		return self in (FieldKind.SECRET, FieldKind.SECRET_FILE)


@dataclass(frozen=True)
class CredentialField:
	"""One credential of a subscription. Forms, command line options and checks are built from these.

	`name` is lower case with underscores, up to 40 characters: the option `--client-id`, the variable
	`BANKSYNC_CLIENT_ID`. `label` and `help` are English, and translatable.
	"""

	name: str
	label: str
	kind: FieldKind = FieldKind.TEXT
	required: bool = True
	choices: Sequence[str] = ()
	"""Of a CHOICE; the first is the default."""
	help: str = ""


NO_OR_YES = ("no", "yes")
"""The choices of a credential that turns something on; see `Subscription.is_on`."""
PRODUCTION, SANDBOX = "Production", "Sandbox"
ENVIRONMENTS = (PRODUCTION, SANDBOX)
"""The environments of a Sync Provider record."""
ENVIRONMENT_CHOICES = ("production", "sandbox")
"""The choices of a credential named `environment`, in the order of `ENVIRONMENTS`; it decides that of the record."""


def stated_environment(texts: Mapping[str, str]) -> str:
	"""Return the environment of a record that the credential `environment` states; empty where it states none."""
	stated = texts.get("environment", "").strip()
	return dict(zip(ENVIRONMENT_CHOICES, ENVIRONMENTS, strict=True)).get(stated, "")


CLIENT_ID = CredentialField("client_id", "Client ID")
CLIENT_SECRET = CredentialField("client_secret", "Client secret", FieldKind.SECRET)


@dataclass(frozen=True)
class Subscription:
	"""The credentials of a Sync Provider record."""

	name: str
	texts: Mapping[str, str] = field(default_factory=dict)
	"""Credentials that are no secrets, by field name."""
	secrets: Mapping[str, Secret] = field(default_factory=dict)
	"""Secret credentials, by field name."""
	base_url: str = ""
	"""Empty for the provider's own address."""
	webhook_secrets: Sequence[Secret] = ()
	"""More than one while a rotation lasts."""
	language: str = "en"

	def text(self, name: str, default: str = "") -> str:
		"""Return a credential that is not a secret, without surrounding blanks."""
		return self.texts.get(name, "").strip() or default

	def is_on(self, name: str) -> bool:
		"""Return whether a credential whose choices are `NO_OR_YES` is yes; no where none was entered."""
		return self.text(name) == "yes"

	def secret(self, name: str) -> Secret:
		"""Return a secret credential, without surrounding blanks; false where none was entered."""
		return Secret(self.secrets.get(name, NO_SECRET).reveal().strip())
