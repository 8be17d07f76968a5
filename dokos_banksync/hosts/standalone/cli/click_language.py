"""click's own sentences ("Missing argument", "Usage:") in the user's language.

click asks gettext for them. gettext reads compiled catalogues and chooses one by the locale of the process; ours is
`translations/fr.csv`, and `BANKSYNC_LANG` may name the language. While a command runs, click's modules ask here instead.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType

_FUNCTIONS = ("_", "ngettext")
"""What click's modules call the functions of gettext that they import."""


@contextmanager
def click_in(known: Mapping[str, str]) -> Iterator[None]:
	"""Let click look its sentences up in `known`, by their English; a sentence that is not there stays English."""
	replacements = _functions(known)
	before = [
		(module, name, getattr(module, name))
		for module in _modules()
		for name in _FUNCTIONS
		if hasattr(module, name)
	]
	for module, name, _ in before:
		setattr(module, name, replacements[name])
	try:
		yield
	finally:
		for module, name, function in before:
			setattr(module, name, function)


def _modules() -> list[ModuleType]:
	return [module for name, module in sys.modules.items() if name.startswith("click.")]


def _functions(known: Mapping[str, str]) -> Mapping[str, Callable[..., str]]:
	def one(text: str) -> str:
		return known.get(text, text)

	def of_count(singular: str, plural: str, count: int) -> str:
		return one(singular if count == 1 else plural)

	return {"_": one, "ngettext": of_count}
