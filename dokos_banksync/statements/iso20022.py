"""A streaming reader of ISO 20022 XML messages.

Built on expat, of Python's standard library. A document type definition is refused, so that entities cannot expand;
nesting and the size of a record are bounded; memory does not grow with the number of records.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple
from xml.parsers import expat

from dokos_banksync.core.errors import InvalidData

CHUNK = 1 << 16
DEEPEST = 40
"""Levels of elements. The deepest element of a statement message stands on level 15."""
MOST_PATHS = 10_000
"""Different paths in a file. The schemas define a few thousand, and a file uses some hundred."""
LARGEST = 200_000
"""Transactions in one entry."""
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
		parser.Parse(content[:CHUNK], False)
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
	reader = _Reader(wanted, groups)
	parser = expat.ParserCreate(encoding=actual_encoding(content))
	reader.attach(parser)
	parser.StartDoctypeDeclHandler = _refuse_doctype
	for offset in range(0, len(content) + 1, CHUNK):
		chunk = content[offset : offset + CHUNK]
		try:
			parser.Parse(chunk, offset + CHUNK > len(content))
		except (expat.ExpatError, ValueError, LookupError) as error:
			raise InvalidData(_DAMAGED, error) from error
		yield from reader.take()


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

	__slots__ = (
		*("depth", "grow", "inside", "is_group", "is_record", "name", "parent", "path"),
		*("ends_something", "up"),
	)

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
		self.ends_something = self.is_group or self.is_record
		self.path: str = self._path(parent)
		self.up: _Node = self if parent is None else parent

	def __missing__(self, name: str) -> _Node:
		node = self[name] = self.grow(self, name)
		return node

	def _path(self, parent: _Node | None) -> str:
		if parent is None or not self.inside or self.is_group:
			return ""
		return f"{parent.path}/{self.name}" if parent.path else self.name


class _Reader:
	"""Collects the values of the wanted elements; everything else is passed over."""

	def __init__(self, wanted: frozenset[str], groups: frozenset[str]) -> None:
		self._wanted, self._groups = wanted, groups
		self._nodes = 0
		self._done: list[Record] = []
		self._parts: list[Values] = []

	def take(self) -> list[Record]:
		"""Return the records that are complete, and forget them."""
		if len(self._parts) > LARGEST:
			raise InvalidData("A row of the XML file is too long: ask the bank for a file without details")
		done, self._done = self._done, []
		return done

	def _grow(self, parent: _Node, name: str) -> _Node:
		self._nodes += 1
		if parent.depth >= DEEPEST or self._nodes > MOST_PATHS:
			raise InvalidData("The XML file is nested too deeply: it is not a statement of a bank")
		return _Node(
			name=name.rpartition(":")[2],
			parent=parent,
			wanted=self._wanted,
			groups=self._groups,
			grow=self._grow,
		)

	def _complete(self, node: _Node, values: Values) -> None:
		self._done.append(Record(node.name, node.parent, values, self._parts))
		self._parts = []

	def attach(self, parser: expat.XMLParserType) -> None:
		"""Handle the parser's events. Closures: these functions run for every element of the file."""
		none: frozenset[str] = frozenset()
		node = _Node(name="", parent=None, wanted=none, groups=none, grow=self._grow)
		text: list[str] = []
		outer: Values = {}
		values: Values = {}

		def start(name: str, attributes: list[str]) -> None:
			"""Enter an element: see `StartElementHandler` of `xml.parsers.expat`."""
			nonlocal node, values, outer
			node = node[name]
			if text:
				text.clear()
			if attributes and node.inside:
				for key, value in zip(attributes[::2], attributes[1::2], strict=True):
					values[f"{node.path}@{key}"] = value
			if node.is_group:
				outer, values = values, {}

		def end(_: str) -> None:
			"""Leave an element: store its text, and complete the record that it ends."""
			nonlocal node, values
			if text:
				if joined := (text[0] if len(text) == 1 else "".join(text)).strip():
					path = node.path
					values[path] = f"{values[path]} {joined}" if path in values else joined
				text.clear()
			if node.ends_something:
				if node.is_group:
					self._parts.append(values)
					values = outer
				else:
					self._complete(node, values)
					values = {}
			node = node.up

		parser.ordered_attributes = parser.buffer_text = True
		parser.StartElementHandler, parser.EndElementHandler = start, end
		parser.CharacterDataHandler = text.append
