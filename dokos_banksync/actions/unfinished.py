"""Connections that no user has come back for: what may have happened on the provider's page, and what to do."""

from __future__ import annotations

from dokos_banksync.actions.context import RequestContext
from dokos_banksync.core.message import Message
from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.core.records import ConnectionRecord
from dokos_banksync.providers.registry import provider_class

_NOT_BACK = (
	"No user has come back from the provider's page yet. Connect the bank again, or remove the connection."
)
MAY_BE_REFUSED = (
	"Where that page refuses the redirect address, register it at the provider, letter by letter: {0}"
)
"""Some providers refuse an address on their page alone, and send nobody back."""


def unfinished(record: ConnectionRecord) -> bool:
	"""Return whether a connection was begun, and its user has not come back."""
	return record.status is ConnectionStatus.CONNECTING and not record.status_message


def why_unfinished(context: RequestContext, record: ConnectionRecord) -> Message:
	"""Return why no user may have come back for a connection, and what to do."""
	types = {row["name"]: row["provider_type"] for row in context.site.ledger.providers()}
	kind = types.get(record.provider)
	if kind is None or not provider_class(kind).capabilities.fixed_return:
		return Message(_NOT_BACK)
	return Message("{0} {1}", Message(_NOT_BACK), Message(MAY_BE_REFUSED, context.callback_url))
