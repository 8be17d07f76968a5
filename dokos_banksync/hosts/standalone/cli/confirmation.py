"""Questions before something that cannot be undone, and `--yes`."""

from __future__ import annotations

import click

from dokos_banksync.hosts.standalone.cli.failing import fail
from dokos_banksync.hosts.standalone.cli.session import Session, session

UNCHANGED = 1
"""The exit code after a "no"."""

yes_option = click.option("--yes", "-y", is_flag=True, help="Do not ask.")


def confirm(question: str, yes: bool) -> None:
	"""Go on after a "yes", or with `--yes`; else end the command: nothing was changed.

	It asks whether or not stdin is a terminal. Where stdin has no answer, that is a "no".
	"""
	if yes:
		return
	current = session()
	try:
		confirmed = _answered_yes(current, question)
	except click.Abort:
		current.note("")
		fail(
			current.t("Nothing was changed: answer the question, or give --yes"),
			UNCHANGED,
			as_json=current.json,
		)
	if not confirmed:
		fail(current.t("Nothing was changed"), UNCHANGED, as_json=current.json)


def _answered_yes(current: Session, question: str) -> bool:
	"""Ask until the answer is a "yes" or a "no", in the user's language or in English; an empty one is a "no"."""
	affirmative, negative = current.t("yes"), current.t("no")
	prompt = f"{question} [{affirmative[0]}/{negative[0].upper()}]"
	while True:
		answer = click.prompt(prompt, default="", show_default=False, err=True).strip().lower()
		if answer in ("y", "yes", affirmative[0], affirmative):
			return True
		if answer in ("", "n", "no", negative):
			return False
		current.note(current.t("Answer {0} or {1}", affirmative, negative))
