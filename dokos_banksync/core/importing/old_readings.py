"""Accounts that the provider read at the bank longer ago than the others of their connection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from dokos_banksync.core.connection_state import STALE
from dokos_banksync.core.message import Message
from dokos_banksync.core.model import ConnectionStatus, RemoteAccount, RemoteConnection

_STALE_ACCOUNTS = (
	"The provider last read {0} on {1}, and other accounts later: what was booked since is not here yet. Fetch while you are "
	"here, or reconnect."
)


def with_readings(
	remote: RemoteConnection, imported: Sequence[RemoteAccount], now: datetime
) -> RemoteConnection:
	"""Return the state of a connection as of the imported account that was read the longest ago.

	Where only some are old, the message names them. An account of which the provider says nothing is as old as the connection.
	"""
	dated = sorted((one.read_at, one.account_name) for one in imported if one.read_at)
	if not dated:
		return remote
	oldest = dated[0][0]
	remote = replace(remote, last_refresh_at=min(oldest, remote.last_refresh_at or oldest))
	old = [name for at, name in dated if now - at > STALE]
	if remote.message or remote.status is not ConnectionStatus.ACTIVE or not 0 < len(old) < len(imported):
		return remote
	return replace(remote, message=Message(_STALE_ACCOUNTS, ", ".join(old), oldest.date()))
