"""Links of a restored bank transaction to documents that were deleted meanwhile: the host would refuse every save."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import frappe

from dokos_banksync.hosts.frappe.ledger import sql
from dokos_banksync.hosts.storage.sql import TRANSACTION

_ESSENTIAL = ("bank_account", "company", "currency")
"""Without these a bank transaction has no meaning, so they are never cleared."""


def without_dead_links(images: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
	"""Return the images with each optional link emptied whose document is gone."""
	restored = [dict(image) for image in images]
	for fieldname, doctype, owners in _links(restored):
		gone = {image[fieldname] for image in owners} - _existing(doctype, owners, fieldname)
		for image in owners:
			if image[fieldname] in gone:
				image[fieldname] = None
	return restored


def _links(images: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
	"""Yield a field, the doctype that it leads to, and the images that have a value there."""
	meta = frappe.get_meta(TRANSACTION)
	for field in meta.get_link_fields():
		owners = [image for image in images if image.get(field.fieldname)]
		if owners and not field.reqd and field.fieldname not in _ESSENTIAL:
			yield field.fieldname, field.options, owners
	for field in meta.get_dynamic_link_fields():
		by_doctype: dict[str, list[dict[str, Any]]] = {}
		for image in images:
			if image.get(field.fieldname) and image.get(field.options):
				by_doctype.setdefault(image[field.options], []).append(image)
		for doctype, owners in by_doctype.items():
			yield field.fieldname, doctype, owners


def _existing(doctype: str, images: Sequence[Mapping[str, Any]], fieldname: str) -> set[str]:
	if not frappe.db.table_exists(doctype):
		return set()
	found: set[str] = set()
	for part in sql.parts(sorted({image[fieldname] for image in images})):
		query = f"SELECT name FROM {sql.table(doctype)} WHERE name IN ({sql.placeholders(part)})"
		found.update(row["name"] for row in sql.rows(query, part))
	return found
