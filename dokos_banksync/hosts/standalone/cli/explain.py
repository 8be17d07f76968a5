"""`banksync explain`: where a bank transaction came from, why a line has none."""

from __future__ import annotations

from contextlib import suppress

import click

from dokos_banksync.core.errors import NotFound
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.message import Message, message_parts
from dokos_banksync.core.review.explain import (
	Explanation,
	Provenance,
	explain_deleted,
	explain_line,
	explain_transaction,
)
from dokos_banksync.core.texts import printable
from dokos_banksync.hosts.standalone.cli.json_records import Record, plain, sentence
from dokos_banksync.hosts.standalone.cli.session import Session, session
from dokos_banksync.hosts.standalone.cli.terminal import bold, dim, text


@click.argument("name", metavar="TRANSACTION|LINE")
def explain(name: str) -> None:
	"""Print where a transaction comes from, or why a line has none."""
	current = session()
	found = _explain(current.site.ledger, name)
	current.answer(_record(current, name, found), lambda: _render(current, name, found))


def _explain(ledger: Ledger, name: str) -> Explanation:
	"""Raises `NotFound` for what is neither a bank transaction nor a line."""
	with suppress(NotFound):
		return explain_transaction(ledger.transaction_story(name))
	with suppress(NotFound):
		return explain_line(ledger.line_story(name))
	if stories := ledger.deleted_stories(name):
		return explain_deleted(name, stories)
	raise NotFound(
		"There is no bank transaction and no line {0}: banksync transactions and lines list them", name
	)


def _say(current: Session, message: Message) -> str:
	return current.translations.message(message, lambda value: printable(current.translations.value(value)))


def _render(current: Session, name: str, found: Explanation) -> str:
	parts = [f"{bold(name)}  {_say(current, found.message)}"]
	for one in found.provenance:
		parts += ["", *_render_provenance(current, one)]
	return "\n".join(parts)


def _render_provenance(current: Session, one: Provenance) -> list[str]:
	head = (
		f"{bold(one.line)}  {_say(current, one.origin)}  {dim(current.t('id {0}', printable(one.remote_id)))}"
	)
	return [
		head,
		*(
			f"  {text(h.at)}  {h.run or current.t('by a user')}  {_say(current, h.message)}"
			for h in one.events
		),
	]


def _record(current: Session, name: str, found: Explanation) -> Record:
	return {
		"name": name,
		"explanation": sentence(current.translations, found.message),
		"explanation_data": message_parts(found.message),
		"lines": [
			{
				"line": one.line,
				"origin": sentence(current.translations, one.origin),
				"remote_id": one.remote_id,
				"events": [
					{
						"at": plain(h.at),
						"run": h.run,
						"message": sentence(current.translations, h.message),
						"message_data": message_parts(h.message),
					}
					for h in one.events
				],
			}
			for one in found.provenance
		],
	}
