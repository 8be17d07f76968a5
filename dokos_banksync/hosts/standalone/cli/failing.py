"""How a command fails: a sentence and an exit code, never a traceback; and what it logs meanwhile."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from dokos_banksync.core.errors import SyncError
from dokos_banksync.core.message import message_parts
from dokos_banksync.hosts.standalone.cli import terminal
from dokos_banksync.hosts.standalone.cli.json_records import sentence

if TYPE_CHECKING:
	from dokos_banksync.hosts.standalone.cli.session import Session

INTERRUPTED = 130
"""What shells say of a program ended by Ctrl-C: 128 and the number of the signal."""

PACKAGE = "dokos_banksync"
"""The logger above all of ours."""
_RUNS = "dokos_banksync.core.importing.failed_runs"


def fail(
	words: str,
	exit_code: int,
	*,
	error: SyncError | None = None,
	as_json: bool = False,
	json_words: str = "",
	below: str = "",
) -> NoReturn:
	"""End the command: a sentence on stderr and, with --json, an object on stdout, whose sentence may be another.

	`below` stands below the sentence.
	"""
	code, reference = (error.code, error.reference) if error else ("", "")
	words, json_words = _letters(words), _letters(json_words or words)
	tail = " ".join(part for part in (code, reference) if part)
	terminal.say(f"{terminal.bad('✗')} {words}" + (f" [{tail}]" if tail else ""), err=True)
	if below:
		terminal.say(f"\n{below}", err=True)
	if as_json:
		parts = message_parts(error.message if error else "")
		terminal.say_json({"error": {"code": code, "message": json_words, **parts, "reference": reference}})
	raise click.exceptions.Exit(exit_code) from None


def _letters(words: str) -> str:
	"""Return words without the bytes that are no letters: they may have been typed, and stand in the sentence."""
	return words.encode(errors="backslashreplace").decode()


@contextmanager
def failures(current: Session, as_json: bool) -> Iterator[None]:
	"""Turn what a command raises into a sentence and an exit code, without a traceback."""
	try:
		yield
	except SyncError as error:
		_fail_with(current, error, as_json)
	except (KeyboardInterrupt, click.Abort):
		message = current.t("Interrupted. What was stored is kept; the same command goes on from there")
		fail(message, INTERRUPTED, as_json=as_json)
	except BrokenPipeError:
		_stop_writing()
	except click.ClickException as error:
		if not as_json:
			raise
		fail(error.format_message(), error.exit_code, as_json=True)
	except click.exceptions.Exit:
		raise
	except Exception as error:
		# The outermost edge: a defect ends in a sentence too. Not in the text of the exception, though:
		# it may hold anything.
		if os.environ.get("BANKSYNC_DEBUG"):
			raise
		_fail_with(current, defect(error), as_json)


def _fail_with(current: Session, error: SyncError, as_json: bool) -> NoReturn:
	"""End the command with the sentence of an error."""
	translations = current.translations
	fail(
		translations.error(error),
		error.exit_code,
		error=error,
		as_json=as_json,
		json_words=sentence(translations, error.message),
	)


def _stop_writing() -> NoReturn:
	"""The reader (head, less) has closed the pipe. Python would complain once more when it flushes at the end."""
	os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
	raise click.exceptions.Exit(0) from None


def defect(error: Exception) -> SyncError:
	"""Return the error that a user reads for a defect of the program: its kind and place, not its text."""
	kind = f"{type(error).__name__}, {_place(error)}"
	return SyncError("Something unexpected happened ({0}): set BANKSYNC_DEBUG=1 to see where", kind)


def _place(error: BaseException) -> str:
	trace = error.__traceback__
	while trace is not None and trace.tb_next is not None:
		trace = trace.tb_next
	return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""


@contextmanager
def logged_once(current: Session) -> Iterator[None]:
	"""Show log lines on stderr while a command runs: warnings, with `--verbose` each call.

	That a run failed is not among them: the command says it in a sentence.
	"""
	handler = logging.StreamHandler(sys.stderr)
	handler.setFormatter(terminal.LogFormatter())
	handler.addFilter(
		lambda record: (
			current.verbose
			or (record.levelno >= logging.WARNING and (current.log_runs or record.name != _RUNS))
		)
	)
	package = logging.getLogger(PACKAGE)
	before = package.level, package.propagate
	package.addHandler(handler)
	package.propagate = False  # else the root logger would print it again
	try:
		yield
	finally:
		package.removeHandler(handler)
		package.setLevel(before[0])
		package.propagate = before[1]
