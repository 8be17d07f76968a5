"""A streaming reader of ISO 20022 XML messages.

Built on expat and ElementTree, of Python's standard library. A document type definition is refused, so that entities
cannot expand; nesting and the size of a record are bounded; memory does not grow with the number of records.

The tree is built in C and read a part at a time: Python functions that are called for each element take twice as long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser
from xml.parsers import expat

from dokos_banksync.core.errors import InvalidData

CHUNK = 1 << 16
_PROLOG = 1 << 16
"""Bytes in which the root element must begin."""
DEEPEST = 40
"""Levels of elements. The deepest element of a statement message stands on level 15."""
MOST_PATHS = 10_000
"""Different paths in a file. The schemas define a few thousand, and a file uses some hundred."""
LARGEST = 200_000
"""Transactions in one entry."""
LONGEST_TEXT = 100_000
"""Characters from which on further texts of an element that is repeated are left out: joining them takes ever longer."""
_DAMAGED = "The XML file is damaged or cut off ({0}): download it again"
_DECLARED = re.compile(rb"""^(?:\xef\xbb\xbf)?\s*<\?xml[^>]{0,200}encoding\s*=\s*["']([\w.-]{1,40})["']""")

Values = dict[str, str]
"""The values of an element by path, without namespaces: `BookgDt/Dt`. An attribute is a value of its own: `Amt@Ccy`.
The texts of an element that is repeated are joined by a blank."""


class Record(NamedTuple):
	"""An element of interest. `groups` holds the values of the elements in it that are groups of their own."""

	name: str
	parent: str
	values: Values
	groups: list[Values]


class _Found(Exception):
	"""The root element was seen."""


def root(content: bytes) -> tuple[str, str] | None:
	"""Return the namespace and local name of the root element; None for what is not XML.

	Raises `InvalidData` for an encoding that nobody knows, and for a document type definition.
	"""
	found: list[str] = []

	def start(name: str, _: dict[str, str]) -> None:
		"""Record the root element and end the parse."""
		found.append(name)
		raise _Found

	parser = expat.ParserCreate(namespace_separator=" ")
	parser.StartElementHandler = start
	parser.StartDoctypeDeclHandler = _refuse_doctype
	try:
		parser.Parse(content[:_PROLOG], False)
	except _Found:
		namespace, _, local = found[0].rpartition(" ")
		return namespace, local
	except expat.ExpatError:
		return None
	except (ValueError, LookupError) as error:
		raise InvalidData(_DAMAGED, error) from error
	return None


def _refuse_doctype(*_: object) -> None:
	raise InvalidData("The XML file holds a document type definition, which is refused: export it again")


def records(content: bytes, wanted: frozenset[str], groups: frozenset[str]) -> Iterator[Record]:
	"""Yield the elements called as in `wanted`, outermost first, as soon as each is read.

	`groups` names the elements whose values are kept apart. Raises `InvalidData` for what is not well-formed XML.
	"""
	if root(content) is None:  # a document type definition can only stand before the root element
		raise InvalidData("The XML file is damaged: no element begins it. Download it again")
	reader = _Reader(wanted, groups)
	builder = TreeBuilder()
	parser = XMLParser(target=builder, encoding=actual_encoding(content))  # noqa: S314 - without entities
	for offset in range(0, len(content), CHUNK):
		with _damages_named():
			parser.feed(content[offset : offset + CHUNK])
			tree = builder.close()  # what is read so far; the builder goes on
		yield from reader.take(tree)
	with _damages_named():
		tree = parser.close()
	yield from reader.finish(tree)


@contextmanager
def _damages_named() -> Iterator[None]:
	"""Raise `InvalidData` in place of the errors of the parser."""
	try:
		yield
	except (ParseError, ValueError, LookupError) as error:
		raise InvalidData(_DAMAGED, error) from error


def actual_encoding(content: bytes) -> str | None:
	"""Return Windows-1252 for a file that says it is UTF-8, and is not; None to trust the file."""
	declared = _DECLARED.match(content)
	if content.startswith((b"\xff\xfe", b"\xfe\xff", b"\0<", b"<\0")):
		return None
	if declared and declared[1].upper() not in (b"UTF-8", b"UTF8"):
		return None
	return None if _is_utf8(content) else "windows-1252"


def _is_utf8(content: bytes) -> bool:
	"""Whether the bytes are UTF-8."""
	try:
		content.decode("utf-8")
	except UnicodeDecodeError:
		return False
	return True


class _Node(dict[str, "_Node"]):
	"""A place in the document, and those below it by the name of the element.

	All elements of one path share one, so that a path is made only once.
	"""

	__slots__ = ("depth", "grow", "inside", "is_group", "is_record", "name", "parent", "path")

	def __init__(
		self,
		name: str,
		parent: _Node | None,
		wanted: frozenset[str],
		groups: frozenset[str],
		grow: Callable[[_Node, str], _Node],
	) -> None:
		super().__init__()
		self.grow = grow
		self.name, self.parent = name, parent.name if parent is not None else ""
		self.depth: int = parent.depth + 1 if parent is not None else 0
		self.inside: bool = parent is not None and (parent.inside or parent.is_record)
		self.is_record: bool = not self.inside and name in wanted
		self.is_group: bool = self.inside and name in groups
		self.path: str = self._path(parent)

	def __missing__(self, name: str) -> _Node:
		node = self[name] = self.grow(self, name)
		return node

	def _path(self, parent: _Node | None) -> str:
		if parent is None or not self.inside or self.is_group:
			return ""
		return f"{parent.path}/{self.name}" if parent.path else self.name


class _Reader:
	"""Collects the values of the wanted elements; everything else is passed over.

	The parser builds a tree, of which each element is removed as soon as it is complete and read.
	"""

	def __init__(self, wanted: frozenset[str], groups: frozenset[str]) -> None:
		self._wanted, self._groups = wanted, groups
		self._nodes = 0
		self._done: list[Record] = []
		self._values: Values = {}
		"""Of the record that is read."""
		self._group: Values = {}
		"""Of the group in it that is read."""
		self._parts: list[Values] = []
		"""Of the groups before that one."""
		self._top = self._grow(None, "")

	def take(self, tree: Element | None) -> list[Record]:
		"""Return the records that are complete. On each level, the last element may have a part to come."""
		if tree is not None:
			self._read_open(tree)
		if len(self._parts) > LARGEST:
			raise InvalidData("A row of the XML file is too long: ask the bank for a file without details")
		done, self._done = self._done, []
		return done

	def finish(self, tree: Element) -> list[Record]:
		"""Return the records of what is left, which is complete."""
		self._read_outside(tree, self._top[tree.tag])
		return self._done

	def _grow(self, parent: _Node | None, name: str) -> _Node:
		self._nodes += 1
		if self._nodes > MOST_PATHS or (parent is not None and parent.depth >= DEEPEST):
			raise InvalidData("The XML file is nested too deeply: it is not a statement of a bank")
		return _Node(
			name=_local(name),
			parent=parent,
			wanted=self._wanted,
			groups=self._groups,
			grow=self._grow,
		)

	def _read_open(self, tree: Element) -> None:
		"""Read and remove the elements of which nothing is to come."""
		element, node, values = tree, self._top[tree.tag], self._values
		while len(element):
			last = element[-1]
			if node.inside or node.is_record:
				self._read_inside(element[:-1], node, values)
			else:
				for child in element[:-1]:
					self._read_outside(child, node[child.tag])
			del element[:-1]
			element, node = last, node[last.tag]
			values = self._begin(element, node, values)

	def _begin(self, element: Element, node: _Node, values: Values) -> Values:
		"""Read the attributes of an element that has more to come. Return where its values belong."""
		if node.is_record:
			return self._values
		if node.inside and element.items():
			_add_attributes(element, node, values)
			element.attrib.clear()
		return self._group if node.is_group else values

	def _read_outside(self, element: Element, node: _Node) -> None:
		"""Read a complete element that is in no record."""
		if not node.is_record:
			for child in element:
				self._read_outside(child, node[child.tag])
			return
		values, self._values = self._values, {}
		self._read_inside(element, node, values)
		if text := (element.text or "").strip():
			values[""] = text
		self._done.append(Record(node.name, node.parent, values, self._parts))
		self._parts = []

	def _read_inside(self, elements: Iterable[Element], node: _Node, values: Values) -> None:
		"""Add the values of complete elements of a record, which stand at `node`. This runs for every one of them."""
		for element in elements:
			place = node[element.tag]
			if element.items():
				_add_attributes(element, place, values)
			text = element.text
			if text is None or len(element) or place.is_group:
				if place.is_group:
					self._read_group(element, place)
					continue
				self._read_inside(element, place, values)
			if text and (text := text.strip()):
				path = place.path
				values[path] = text if path not in values else _joined(values[path], text)

	def _read_group(self, element: Element, node: _Node) -> None:
		values, self._group = self._group, {}
		self._parts.append(values)
		self._read_inside(element, node, values)


def _add_attributes(element: Element, node: _Node, values: Values) -> None:
	for key, value in element.items():
		values[f"{node.path}@{_local(key)}"] = value


def _joined(before: str, text: str) -> str:
	return f"{before} {text}" if len(before) < LONGEST_TEXT else before


def _local(name: str) -> str:
	return name.rpartition("}")[2]
