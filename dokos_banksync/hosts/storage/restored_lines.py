"""Restores lines from their images in the journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from dokos_banksync.core.review.journal import Key, Row
from dokos_banksync.hosts.storage.base import Base
from dokos_banksync.hosts.storage.journal import by_source
from dokos_banksync.hosts.storage.sql import LINE, parts, placeholders, split_shared


def restore_lines(ledger: Base, images: Sequence[Row], released: Mapping[Key, Row]) -> None:
	"""Make lines what their images say. `released` are the stored lines, none of which has a bank transaction now.

	Of a line that is there under its own name only what differs is written: most indexes then stay as they are.
	"""
	known = set(ledger.db.columns(LINE))
	changes: dict[str, dict[str, Any]] = {}
	absent = []
	for image in images:
		now = released.get(_key(image))
		if now is None or now["name"] != image["name"]:
			absent.append(image)
			continue
		for column, value in _differences(image, {**now, "bank_transaction": None}):
			if column in known:
				changes.setdefault(column, {})[str(image["name"])] = value
	_insert(ledger, absent, known)
	for column, values in changes.items():
		_set(ledger, column, values)


def _key(image: Row) -> Key:
	return str(image["source"]), str(image["remote_id"])


def _differences(image: Row, now: Row) -> Iterator[tuple[str, Any]]:
	return ((name, value) for name, value in image.items() if value != now.get(name))


def _set(ledger: Base, column: str, values: Mapping[str, Any]) -> None:
	"""Set a column of lines, by name. A value that all have is sent once for each part."""
	[value, *others] = {*values.values()}
	for part in parts(values):
		if others:
			ledger.db.change(LINE, column, {name: values[name] for name in part})
		else:
			query = f"UPDATE `tabSync Line` SET `{column}` = %s WHERE name IN ({placeholders(part)})"
			ledger.db.run(query, [value, *part])


def _insert(ledger: Base, images: Sequence[Row], known: set[str]) -> None:
	delete_lines(ledger, map(_key, images))
	for part in parts(images):
		columns = [name for name in part[0] if name in known and name != "raw"] + ["raw"]
		rows = [[image.get(name) for name in columns] for image in part]
		own, values, same = split_shared(columns, rows, "name")
		ledger.db.insert(LINE, own, values, same=same)


def delete_lines(ledger: Base, keys: Iterable[Key]) -> None:
	"""Delete lines by source and id."""
	for source, ids in by_source(keys):
		for part in parts(ids):
			query = f"DELETE FROM `tabSync Line` WHERE source = %s AND remote_id IN ({placeholders(part)})"
			ledger.db.run(query, [source, *part])
