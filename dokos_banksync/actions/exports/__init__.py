"""Bank transactions and categories as files of other programs: CSV, OFX, JSON lines, hledger and beancount journals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from dokos_banksync.actions.exports.beancount import beancount
from dokos_banksync.actions.exports.hledger import hledger
from dokos_banksync.actions.exports.model import Contents
from dokos_banksync.actions.exports.ofx import ofx
from dokos_banksync.actions.exports.tables import categories_csv, categories_jsonl, csv_table, jsonl

__all__ = ["CATEGORIES", "TRANSACTIONS", "Contents"]

Writer: TypeAlias = Callable[[Contents], str]

TRANSACTIONS: Mapping[str, Writer] = {
	"csv": csv_table,
	"ofx": ofx,
	"jsonl": jsonl,
	"hledger": hledger,
	"beancount": beancount,
}
"""What writes transactions, by the name of the format."""
CATEGORIES: Mapping[str, Writer] = {"csv": categories_csv, "jsonl": categories_jsonl}
"""What writes the tree of categories, by the name of the format."""
