"""Errors, named by what must happen next.

    SyncError
    ├── ConfigurationError       the administrator corrects a key, an address, a setting
    ├── LoginRequired            the user goes through the bank's page again
    │   ├── ConsentExpired       … because the consent has ended
    │   ├── ConsentRevoked       … because the consent was revoked
    │   └── Disconnected         … because a user disconnected it here
    ├── RateLimited              we wait until a known moment
    ├── TemporaryError           we try again by ourselves
    │   └── InstitutionDown      … the bank itself does not answer
    ├── UnsupportedByInstitution the bank does not offer this
    ├── DuplicateConnection      the same login is connected already
    ├── InvalidData              this row or value is rejected, the others are imported
    │   ├── PlanChanged          … what a user approved is no longer what would be done
    │   └── ConfirmationRequired … the user confirms it, or chooses otherwise
    ├── NotFound                 an unknown name
    ├── Busy                     another run uses the connection
    └── ProviderBug              the provider answered what its documents exclude

Every error has a stable code (`BS-…`, listed in docs/troubleshooting.md), a sentence that says what to do,
and, where there is one, the provider's own reference to quote to its support. No error carries a secret.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import ClassVar, NamedTuple

from dokos_banksync.core.message import Message
from dokos_banksync.core.texts import readable


class Cancelled(Exception):
	"""The user cancelled the work that is going on: raised where it reports its progress, before anything is committed.

	No `SyncError`: nothing has failed, so that neither a connection nor a run is marked for it.
	"""


class SyncError(Exception):
	"""A synchronisation could not do what was asked; `str()` is a sentence for the user, in English.

	`sentence` may contain `{0}`, `{1}` … for `values`; `message` stores both, so that it can be shown in any language.
	`reference` is what the provider's support asks for: a request id, an item id, its own error code. `field` is the
	value that a user entered wrongly, by the name that forms give it.
	"""

	code: ClassVar[str] = "BS-000"
	exit_code: ClassVar[int] = 1
	"""Of the command line."""
	http_status: ClassVar[int] = 500
	"""Of a web page or an API."""

	def __init__(self, sentence: str, *values: object, reference: str = "", field: str = "") -> None:
		self.message = Message(sentence, *map(_value, values))
		self.reference = readable(reference)
		self.field = field
		super().__init__(self.message)

	@property
	def sentence(self) -> str:
		"""Return the template of the message, in English."""
		return self.message.template


def _value(value: object) -> object:
	"""Return a value as a message stores it: what a reader's language translates or formats stays, all else is text."""
	if isinstance(value, SyncError):
		return value.message
	return value if isinstance(value, Message | Enum | Decimal | date) else str(value)


class Change(NamedTuple):
	"""A row of a plan that is no longer as it was: its id, and what it was and is now, in short.

	An empty text is for a row that is not there: it appeared since, or it disappeared.
	"""

	id: str
	remote_id: str
	was: str
	now: str


class ConfigurationError(SyncError):
	"""A credential, an address or a setting is wrong: an administrator must change it."""

	code = "BS-100"
	exit_code = 3
	http_status = 422


class LoginRequired(SyncError):
	"""The user must go to the bank's page again."""

	code = "BS-200"
	exit_code = 4
	http_status = 409


class ConsentExpired(LoginRequired):
	"""The consent reached its end: the user must renew it."""

	code = "BS-201"


class ConsentRevoked(LoginRequired):
	"""The consent was withdrawn, or the provider no longer has it: the user must connect again."""

	code = "BS-202"


class Disconnected(LoginRequired):
	"""A user ended the connection: it stays disconnected until a user connects the bank again."""

	code = "BS-203"
	exit_code = 13


class RateLimited(SyncError):
	"""Too many calls; `until` (aware, UTC) is when the next one may go."""

	code = "BS-300"
	exit_code = 5
	http_status = 429

	def __init__(self, sentence: str, *values: object, until: datetime, reference: str = "") -> None:
		super().__init__(sentence, *values, reference=reference)
		self.until = until


class TemporaryError(SyncError):
	"""The network or the provider failed for now: the next run tries again."""

	code = "BS-400"
	exit_code = 6
	http_status = 503


class InstitutionDown(TemporaryError):
	"""The bank cannot be reached by the provider for now: the next run tries again."""

	code = "BS-401"


class UnsupportedByInstitution(SyncError):
	"""The bank does not offer what was asked for: asking again is useless."""

	code = "BS-500"
	exit_code = 7
	http_status = 422


class DuplicateConnection(SyncError):
	"""The provider has a connection to this bank for this user already."""

	code = "BS-501"
	exit_code = 7
	http_status = 409


class InvalidData(SyncError):
	"""A value, a row or a request is refused. Where it is one row of many, the others go on."""

	code = "BS-600"
	exit_code = 8
	http_status = 422


class PlanChanged(InvalidData):
	"""What would be done is not what was approved; `changes` lists each row. Nothing was stored."""

	code = "BS-603"

	def __init__(self, sentence: str, *values: object, changes: Sequence[Change] = ()) -> None:
		super().__init__(sentence, *values)
		self.changes = changes


class ConfirmationRequired(InvalidData):
	"""What was asked for is possible, and may be a mistake: nothing was done until the user confirms it."""

	code = "BS-604"


class NotFound(SyncError):
	"""There is no record with the given name."""

	code = "BS-601"
	exit_code = 9
	http_status = 404


class Busy(SyncError):
	"""Another run or program has locked what is needed: try again when it has ended."""

	code = "BS-602"
	exit_code = 10
	http_status = 409


class FetchedMeanwhile(Busy):
	"""Another process has fetched a connection since it was listed as due: there is nothing left to do."""


WAITING_FOR_PROVIDER = "Other requests wait for an answer of the provider: try again in half a minute"
"""Of a request of a page that would have to wait for requests of other users."""


class ProviderBug(SyncError):
	"""The provider broke its own documentation: report it with the reference."""

	code = "BS-700"
	exit_code = 11
	http_status = 502
