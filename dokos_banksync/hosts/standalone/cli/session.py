"""What every command shares: the home folder, the language, the output, and how failures end."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import click

from dokos_banksync.actions.arguments import is_text
from dokos_banksync.core.clock import utc_now
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.provider import Clock
from dokos_banksync.hosts.standalone.cli import terminal
from dokos_banksync.hosts.standalone.cli.click_output import click_writes
from dokos_banksync.hosts.standalone.cli.failing import INTERRUPTED, PACKAGE, failures, logged_once
from dokos_banksync.hosts.standalone.home import default_home
from dokos_banksync.hosts.standalone.site import Site

DIFFERENCE = 12
"""A run went well, and a balance differs from the bank's: see `banksync proof`."""

EXIT_CODES = {
	0: "done",
	1: "you answered no, or something unexpected happened",
	2: "the command was not understood",
	3: "a key, an address or a setting is wrong",
	4: "you must confirm at the bank again",
	5: "too many calls: wait",
	6: "a temporary failure: try again later",
	7: "the bank does not offer this",
	8: "a value or a row is refused",
	9: "an unknown name",
	10: "another run uses the connection",
	11: "the provider's answer contradicts its documents",
	DIFFERENCE: "all was stored, and the balance of a bank account differs from the bank's",
	13: "the connection is disconnected",
	INTERRUPTED: "interrupted",
}


F = TypeVar("F", bound=Callable[..., Any])


def language_of(environ: Mapping[str, str]) -> str:
	"""Return `BANKSYNC_LANG`, else the locale of the terminal: `fr_FR.UTF-8` is `fr`."""
	names = ("BANKSYNC_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
	language = next((environ[name] for name in names if environ.get(name)), "en")
	return language.replace("-", "_").partition("_")[0].partition(".")[0].lower()


@dataclass
class Session:
	"""One call of the command. Results go to stdout, all other messages to stderr."""

	home: Path = field(default_factory=default_home)
	clock: Clock = utc_now
	json: bool = False
	quiet: bool = False
	verbose: bool = False
	log_runs: bool = False
	"""Log a run that fails: no caller waits for its result."""
	translations: terminal.TerminalTranslations = field(
		default_factory=lambda: terminal.TerminalTranslations(language_of(os.environ))
	)
	_site: Site | None = None

	@property
	def site(self) -> Site:
		"""Return the standalone site in the home folder, opened when it is first needed."""
		if self._site is None:
			self._site = Site(self.home, self.clock, self.translations.language)
		return self._site

	def close(self) -> None:
		"""Close the site, if it was opened."""
		if self._site is not None:
			self._site.close()
			self._site = None

	def t(self, sentence: str, *values: object) -> str:
		"""Return a sentence in the user's language, with its values; counts are written as in tables."""
		return self.translations(sentence, *(terminal.text(v) if type(v) is int else v for v in values))

	def named(self, *parts: str) -> str:
		"""Return parts with the colon that the language writes, without those that are empty."""
		first, *rest = [part for part in parts if part] or [""]
		return self.t("{0}: {1}", first, self.named(*rest)) if rest else first

	def answer(self, value: object, message: Callable[[], str]) -> None:
		"""Print the result: `value` as JSON for machines, else the text."""
		if self.json:
			terminal.say_json(value)
		else:
			terminal.say(message())

	def note(self, words: str) -> None:
		"""Print something that is not the result; nothing with `--quiet`."""
		if not self.quiet:
			terminal.say(words, err=True)

	def warn(self, words: str) -> None:
		"""Print what the user must know beside the result, with `--quiet` too."""
		terminal.say(words, err=True)

	def table(self, columns: Sequence[terminal.Column], rows: Sequence[Sequence[object]], empty: str) -> str:
		"""Return rows for a user, or the sentence for none."""
		if not rows:
			return self.t(empty)
		titled = [replace(column, title=self.t(column.title)) for column in columns]
		return terminal.table(titled, rows, terminal.width())

	def bar(self, title: str) -> terminal.Bar:
		"""Return a progress bar; it is silent where no terminal reads."""
		return terminal.Bar(not (self.json or self.quiet) and sys.stderr.isatty(), title, self.t)


def session() -> Session:
	"""Return the session of the command that is running."""
	return click.get_current_context().ensure_object(Session)


def _set_home(context: click.Context, _: click.Parameter, value: str | None) -> None:
	if value is None:
		return
	current = context.ensure_object(Session)
	if not value.strip():  # the current folder, to click
		raise click.BadParameter(current.t("--home is empty: name a folder, or leave the option out"))
	current.home = Path(value)


def _set_json(context: click.Context, _: click.Parameter, value: bool) -> None:
	if value:
		context.ensure_object(Session).json = True


def _set_quiet(context: click.Context, _: click.Parameter, value: bool) -> None:
	if value:
		context.ensure_object(Session).quiet = True


def _set_verbose(context: click.Context, _: click.Parameter, value: bool) -> None:
	if value:
		context.ensure_object(Session).verbose = True
		logging.getLogger(PACKAGE).setLevel(logging.INFO)


def _flag(names: Sequence[str], callback: Callable[..., None], text: str) -> click.Option:
	return click.Option(list(names), is_flag=True, expose_value=False, callback=callback, help=text)


def add_common(target: click.Command) -> None:
	"""Give a command or group --home, --json, --quiet and --verbose; a command's own win over the group's."""
	target.context_settings = {**target.context_settings, "help_option_names": ["-h", "--help"]}
	target.params += [
		_flag(
			["-q", "--quiet"], _set_quiet, "No progress and no hints, only the answer, warnings and errors."
		),
		_flag(["-v", "--verbose"], _set_verbose, "Log each call to the provider on stderr."),
		click.Option(
			["--home"],
			type=click.Path(),
			expose_value=False,
			callback=_set_home,
			help="Folder of the data, instead of BANKSYNC_HOME.",
		),
		click.Option(
			["--json"],
			is_flag=True,
			expose_value=False,
			callback=_set_json,
			help="Print JSON.",
		),
	]


class _Translated:
	"""Help in the user's language. Texts are translated when they are shown, not when they are defined."""

	@staticmethod
	def help_option(option: click.Option | None) -> click.Option | None:
		"""Describe the option that click adds to every command; click stores it in the language of the first call."""
		if option is not None:
			option.help = Session().t("Show this message and exit.")
		return option

	@staticmethod
	def formatted(command: click.Command, show: Callable[[], None]) -> None:
		"""Print the help of a command in the user's language."""
		t = Session().t
		texts = [(p, p.help) for p in command.params if isinstance(p, click.Option)]
		summary = command.help
		command.help = t(summary) if summary else summary
		for option, words in texts:
			option.help = t(words) if words else words
		try:
			show()
		finally:
			command.help = summary
			for option, words in texts:
				option.help = words


def _must_be_texts(name: str, given: object) -> None:
	"""A shell may hand over bytes that are no letters: no name is written so, and no database looks for it."""
	for text in given if isinstance(given, tuple) else (given,):
		if isinstance(text, str) and not is_text(text):
			raise InvalidData("{0} is not a text", name)


class _Formatter(click.HelpFormatter):
	"""Help with headings as the user's language writes them: French has a space before the colon."""

	def write_heading(self, heading: str) -> None:
		"""Write the title of a section."""
		self.write(f"{'':>{self.current_indent}}{Session().t('{0}:', heading)}\n")


class _Context(click.Context):
	formatter_class = _Formatter


class Command(click.Command):
	"""A command with --home and --json, and an example at the end of its help."""

	context_class = _Context

	def __init__(self, *args: Any, example: str = "", **more: Any) -> None:
		super().__init__(*args, **more)
		self.example = example
		add_common(self)

	def invoke(self, ctx: click.Context) -> Any:
		"""Run the command."""
		for name, given in ctx.params.items():
			_must_be_texts(name, given)
		return super().invoke(ctx)

	def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
		"""Write the help in the user's language."""
		_Translated.formatted(self, lambda: super(Command, self).format_help(ctx, formatter))

	def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
		"""Write what follows the options."""
		with formatter.section(Session().t("Example")):
			for line in self.example.splitlines():
				formatter.write_text(line)

	def get_short_help_str(self, limit: int = 80) -> str:  # noqa: ARG002 - click's signature
		"""Return the summary in the user's language."""
		return Session().t(self.help or "")

	def get_help_option(self, ctx: click.Context) -> click.Option | None:
		"""Return --help, described in the user's language."""
		return _Translated.help_option(super().get_help_option(ctx))


class Group(click.Group):
	"""Commands of one kind; failures of any of them end here."""

	command_class = Command
	context_class = _Context

	def __init__(self, *args: Any, lists_exit_codes: bool = False, **more: Any) -> None:
		super().__init__(*args, **more)
		self._lists_exit_codes = lists_exit_codes

	def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
		"""Write what follows the options."""
		if self._lists_exit_codes:
			t = Session().t
			with formatter.section(t("Exit codes")):
				formatter.write_dl([(str(code), t(meaning)) for code, meaning in EXIT_CODES.items()])

	def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
		"""Note `--json` first, so that usage errors are JSON too."""
		# Known before the command is parsed: its usage errors are to be shown in JSON as well.
		ctx.meta["dokos_banksync.json"] = "--json" in args
		return super().parse_args(ctx, args)

	def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
		"""Write the help in the user's language."""
		_Translated.formatted(self, lambda: super(Group, self).format_help(ctx, formatter))

	def get_short_help_str(self, limit: int = 80) -> str:  # noqa: ARG002 - click's signature
		"""Return the summary in the user's language."""
		return Session().t(self.help or "")

	def get_help_option(self, ctx: click.Context) -> click.Option | None:
		"""Return --help, described in the user's language."""
		return _Translated.help_option(super().get_help_option(ctx))

	def main(self, *args: Any, obj: Session | None = None, **more: Any) -> Any:
		"""Run the program; what click itself writes is in the user's language."""
		translations = obj.translations if obj else Session().translations
		with click_writes(translations.known):
			return super().main(*args, obj=obj, **more)

	def invoke(self, ctx: click.Context) -> Any:
		"""Run the command."""
		if ctx.parent is not None:
			return super().invoke(ctx)
		current = ctx.ensure_object(Session)
		ctx.color = False if "NO_COLOR" in os.environ else None
		language = terminal.language.set(current.translations.language)
		try:
			with logged_once(current), failures(current, bool(ctx.meta["dokos_banksync.json"])):
				return super().invoke(ctx)
		finally:
			terminal.language.reset(language)
			current.close()


def command(group: click.Group, name: str, summary: str, example: str) -> Callable[[F], click.Command]:
	"""Add a function to a group as a command; `summary` and `example` are its help."""

	def add(function: F) -> click.Command:
		"""Register the decorated function with its help."""
		return group.command(name, cls=Command, help=summary, example=example)(function)

	return add
