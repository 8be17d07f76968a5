"""Accounts that failed alone: the run says which, and why."""

from __future__ import annotations

from collections.abc import Mapping

from dokos_banksync.core.errors import SyncError
from dokos_banksync.core.message import Message
from dokos_banksync.core.records import RunRecord


def record_failed(run: RunRecord, errors: Mapping[str, SyncError], names: Mapping[str, str]) -> None:
	"""Set the message of a run to the errors of its accounts, each with the account's name; both by the provider's id.

	Code and reference are those of the first.
	"""
	if not errors:
		return
	first = next(iter(errors.values()))
	run.error_code, run.error_reference = first.code, first.reference
	run.error_message = Message("")
	for remote_id, error in errors.items():
		told = _named(names[remote_id], error.message)
		run.error_message = _joined(run.error_message, told) if run.error_message else told


def _named(name: str, message: Message) -> Message:
	return message if name in message.values else Message("{0}: {1}", name, message)


def _joined(before: Message, after: Message) -> Message:
	return Message("{0} {1}" if before.endswith(".") else "{0}. {1}", before, after)
