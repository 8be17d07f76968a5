"""What click writes of itself ("Missing argument", "Usage:", the help): in the user's language and in any locale.

click asks gettext for its sentences. gettext reads compiled catalogues and chooses one by the locale of the process; ours
is `translations/fr.csv`, and `BANKSYNC_LANG` may name the language. click also fails where the character set of the
terminal lacks a letter. While a command runs, its modules have the functions below instead.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TextIO

import click

from dokos_banksync.hosts.standalone.cli.terminal import encodable, shown


@contextmanager
def click_writes(known: Mapping[str, str]) -> Iterator[None]:
	"""Let click look its sentences up in `known`, by their English; one that is not there stays English."""
	functions = {**_translating(known), "echo": _echo, "get_text_stderr": _stderr}
	modules = [module for name, module in sys.modules.items() if name.startswith("click.")]
	before = [(m, name, getattr(m, name)) for m in modules for name in functions if hasattr(m, name)]
	for module, name, _ in before:
		setattr(module, name, functions[name])
	try:
		yield
	finally:
		for module, name, function in before:
			setattr(module, name, function)


def _translating(known: Mapping[str, str]) -> Mapping[str, Callable[..., str]]:
	"""Return the functions of gettext, by the names under which click imports them."""

	def one(text: str) -> str:
		"""Translate a text, as `gettext.gettext` does."""
		return known.get(text, text)

	def of_count(singular: str, plural: str, count: int) -> str:
		"""Translate a text that depends on a count, as `gettext.ngettext` does."""
		return one(singular if count == 1 else plural)

	return {"_": one, "ngettext": of_count}


def _echo(message: Any = None, file: Any = None, nl: bool = True, err: bool = False, **more: Any) -> None:
	stream = file or (sys.stderr if err else sys.stdout)
	words = encodable(shown(message), stream) if isinstance(message, str) else message
	click.echo(words, file, nl, err, **more)


def _stderr(*_: Any, **__: Any) -> TextIO:
	"""Return stderr as it is. click writes UTF-8 to it where the locale is ASCII."""
	return sys.stderr
