"""The long list of bank transactions, page by page, and the tree of categories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.records import CategoryRecord
from dokos_banksync.hosts.standalone.ledger import LineRow
from dokos_banksync.hosts.standalone.ledger.housekeeping import ORDERS, Totals
from dokos_banksync.hosts.standalone.web.request_context import Call, PageScripts

PAGE = 50
WAITING_SHOWN = 50
WAITING_READ = 2000


@dataclass(frozen=True)
class Filters:
	"""What a user wants to see. `after` is where the last page ended."""

	bank_account: str = ""
	category: str = ""
	first: date | None = None
	last: date | None = None
	search: str = ""

	@classmethod
	def read(cls, query: MultiDict[str, str]) -> Filters:
		"""Raises `InvalidData` for a date that is none, and for a first day after the last one."""
		first, last = _day(query.get("from", "")), _day(query.get("to", ""))
		if first and last and first > last:
			raise InvalidData("{0} is after {1}: the first day comes first", first, last)
		return cls(
			bank_account=query.get("bank_account", ""),
			category=query.get("category", ""),
			first=first,
			last=last,
			search=query.get("search", "").strip(),
		)

	def address(self, after: str = "", sort: str = "", page: int = 0) -> str:
		"""Return the list's address with these filters, another order or another page."""
		query = {
			"bank_account": self.bank_account,
			"category": self.category,
			"search": self.search,
			"from": self.first or "",
			"to": self.last or "",
			"after": after,
			"sort": sort,
			"page": page or "",
		}
		given = {name: value for name, value in query.items() if value}
		return f"/bank-transaction?{urlencode(given)}" if given else "/bank-transaction"


def _day(text: str) -> date | None:
	try:
		return date.fromisoformat(text) if text else None
	except ValueError as error:
		raise InvalidData("{0} is not a date: write it as 2026-01-31", text) from error


def transactions(call: Call) -> Response:
	"""Show the bank transactions, fifty at a time, newest first. Each page starts where the last one ended, so that depth costs nothing."""
	query = call.request.args
	filters, after = Filters.read(query), query.get("after", "")
	sort = query.get("sort", "") if query.get("sort", "") in ORDERS else ""
	page = max(query.get("page", 0, int), 0)
	ledger = call.site.ledger
	waiting = Waiting() if after or sort else _waiting(call, filters)
	if sort:
		rows = ledger.sorted_transactions(sort, page * PAGE, PAGE + 1, **vars(filters))
		older = filters.address(sort=sort, page=page + 1)
	else:
		rows = ledger.transactions(**vars(filters), after=after, limit=PAGE + 1)
		older = filters.address(rows[PAGE - 1].key) if len(rows) > PAGE else ""
	return call.page(
		"transactions.html",
		call.translations("Bank Transactions"),
		"/bank-transaction",
		PageScripts("list", "Bank Transaction"),
		filters=filters,
		unfiltered=filters == Filters(),
		bank_accounts=[("", call.translations("All")), *_account_options(call)],
		categories=[
			("", call.translations("Any")),
			*category_options(ledger.all_categories()),
		],
		rows=rows[:PAGE],
		by_date=filters.address(sort="" if sort == "date" else "date"),
		by_amount=filters.address(sort="amount" if sort == "-amount" else "-amount"),
		sort=sort,
		waiting=waiting.lines[:WAITING_SHOWN],
		waiting_count=len(waiting.lines),
		more_wait=waiting.more,
		waiting_totals=waiting.totals,
		totals=ledger.totals(**vars(filters)),
		next_page=older if len(rows) > PAGE else "",
		first_page=filters.address() if after or sort else "",
	)


def _account_options(call: Call) -> Iterator[tuple[str, str]]:
	"""Yield the bank accounts to filter by: a closed one still holds its bank transactions."""
	ledger = call.site.ledger
	yield from ((one.name, one.name) for one in ledger.bank_accounts())
	yield from (
		(one.name, call.translations("{0} (closed)", one.name)) for one in ledger.closed_bank_accounts()
	)


@dataclass(frozen=True)
class Waiting:
	"""The lines without a bank transaction that the filters let through, and their sums by currency.

	There are no sums where `more` lines wait than are read.
	"""

	lines: Sequence[LineRow] = ()
	totals: Sequence[Totals] = ()
	more: bool = False


def _waiting(call: Call, filters: Filters) -> Waiting:
	"""Return the lines without a bank transaction. A line has no category yet."""
	if filters.category:
		return Waiting()
	read = call.site.ledger.waiting(
		filters.bank_account,
		WAITING_READ + 1,
		first=filters.first,
		last=filters.last,
		search=filters.search,
	)
	more = len(read) > WAITING_READ
	return Waiting(read[:WAITING_READ], () if more else _totals(read), more)


def _totals(lines: Sequence[LineRow]) -> list[Totals]:
	"""Return the sums of the lines by currency; a line that could not be read has no amount to add."""
	amounts: dict[str, list[Decimal]] = {}
	for line in lines:
		if line.is_readable:
			amounts.setdefault(line.currency, []).append(line.amount)
	return [
		Totals(
			currency,
			len(found),
			sum((one for one in found if one > 0), Decimal()),
			-sum((one for one in found if one < 0), Decimal()),
		)
		for currency, found in sorted(amounts.items())
	]


# -- categories ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Node:
	"""A category with those below it; `own` is one that no provider gave."""

	name: str
	label: str
	own: bool
	edited: bool
	count: int
	"""Bank transactions of the category and of all below it."""
	children: Sequence[Node]


def categories(call: Call) -> Response:
	"""Show the tree of categories."""
	return call.page(
		"categories.html",
		call.translations("Categories"),
		"/bank-transaction-category",
		PageScripts(scripts=["/static/desk_tree.js"]),
		tree=tree_of(call.site.ledger.all_categories(), call.site.ledger.category_counts()),
	)


def category(call: Call, name: str) -> Response:
	"""Show a category, with the form that moves it."""
	records = call.site.ledger.all_categories()
	record = call.site.ledger.category(name)
	return call.page(
		"category.html",
		record.category_name,
		"/bank-transaction-category",
		parent=("/bank-transaction-category", call.translations("Categories")),
		record=record,
		parents=[("", call.translations("At the top")), *category_options(records)],
	)


def move_category(call: Call, name: str) -> Response:
	"""Move a category below another one."""
	call.site.ledger.place_category(name, call.request.form.get("parent", ""))
	return call.go("/bank-transaction-category")


def tree_of(records: Iterable[CategoryRecord], counts: Mapping[str, int] | None = None) -> list[Node]:
	"""Return categories as a tree, by name. One whose parent was deleted stands at the top."""
	shown = [record for record in records if not record.removed]
	names = {record.name for record in shown}
	below: dict[str, list[CategoryRecord]] = {}
	for record in sorted(shown, key=lambda one: one.category_name.casefold()):
		below.setdefault(record.parent if record.parent in names else "", []).append(record)

	def grow(parent: str) -> list[Node]:
		"""Return the nodes below a category, recursively."""
		return [node(one, grow(one.name)) for one in below.get(parent, [])]

	def node(one: CategoryRecord, children: list[Node]) -> Node:
		"""Return the node of a category; its count includes those of its children."""
		count = (counts or {}).get(one.name, 0) + sum(child.count for child in children)
		return Node(
			name=one.name,
			label=one.category_name,
			own=not one.remote_id,
			edited=one.edited,
			count=count,
			children=children,
		)

	return grow("")


def category_options(records: Iterable[CategoryRecord]) -> list[tuple[str, str]]:
	"""Return the options of a filter: every category under its parent's, indented."""

	def flatten(nodes: Sequence[Node], depth: int) -> Iterator[tuple[str, str]]:
		"""Yield name and indented label of each node, parents first."""
		for node in nodes:
			yield node.name, "\N{NO-BREAK SPACE}" * 3 * depth + node.label
			yield from flatten(node.children, depth + 1)

	return list(flatten(tree_of(records), 0))
