"""`banksync backup` and `restore`: copies of the home."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import click

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.hosts.standalone.cli.confirmation import confirm, yes_option
from dokos_banksync.hosts.standalone.cli.session import session
from dokos_banksync.hosts.standalone.cli.terminal import good
from dokos_banksync.hosts.standalone.home import DATABASE, KEY, prepare_home
from dokos_banksync.hosts.standalone.ledger import backup as backups
from dokos_banksync.hosts.standalone.ledger.vault import VARIABLE

NO_KEY = "The key is not in the backup. Copy the key of the site that it was made of to {0}, or enter the secrets again"
"""Without the key, no stored secret can be read."""


@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--with-key", is_flag=True, help="Copy the key too, beside the backup: it opens the secrets.")
@yes_option
def backup(file: Path, with_key: bool, yes: bool) -> None:
	"""Copy all data into one file."""
	current = session()
	home = current.site.home
	if with_key and os.environ.get(VARIABLE):
		raise ConfigurationError(
			"The key is in {0}, not in the home folder: keep a copy of it yourself", VARIABLE
		)
	if file.exists():
		confirm(current.t("{0} exists already. Replace it?", file), yes)
	backups.copy_database(home / DATABASE, file)
	key = file.with_name(file.name + backups.KEY_SUFFIX) if with_key else None
	if key:
		_copy_key(home / KEY, key)
	held = backups.contents(file)
	message = current.t(
		"The backup is in {2}. Bank transactions: {0}, connections: {1}",
		held.transactions,
		held.connections,
		file,
	)
	hint = (
		current.t("The key is in {0}: whoever has both files has the access to your banks", key)
		if key
		else current.t(
			"The key is not in it: keep a copy of {0} in another place, or use --with-key", home / KEY
		)
	)
	record = {"file": str(file), "key": str(key or ""), **held._asdict()}
	current.answer(record, lambda: f"{good('✓')} {message}\n  {hint}")


def _copy_key(source: Path, target: Path) -> None:
	fresh = target.with_name(f"{target.name}.new")
	fresh.unlink(missing_ok=True)
	with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
		file.write(source.read_bytes())
		file.flush()
		os.fsync(file.fileno())
	fresh.replace(target)


@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@yes_option
def restore(file: Path, yes: bool) -> None:
	"""Replace all data by a backup.

	The site is not opened: its database may be what is damaged.
	"""
	current = session()
	held = backups.contents(file)
	home = prepare_home(current.home)
	question = current.t(
		"Replace the data in {0} by the backup? Bank transactions: {1}, until {2}. Connections: {3}",
		home,
		held.transactions,
		held.latest or "–",
		held.connections,
	)
	confirm(question, yes)
	before = backups.restore(home / DATABASE, file, current.clock())
	key = _restore_key(file.with_name(file.name + backups.KEY_SUFFIX), home / KEY)
	message = current.t("The backup is restored in {0}", home)
	parts = [f"{good('✓')} {message}"]
	if before:
		parts.append("  " + current.t("What was there before is in {0}", before))
	if key:
		parts.append("  " + current.t("The key of the backup is restored too"))
	elif not (home / KEY).exists() and not os.environ.get(VARIABLE):
		parts.append("  " + current.t(NO_KEY, home / KEY))
	record = {"home": str(home), "before": str(before or ""), "key": key, **held._asdict()}
	current.answer(record, lambda: "\n".join(parts))


def _restore_key(stored: Path, key: Path) -> bool:
	"""Put the key of a backup in place, where there is one; a different key that was there is renamed, not lost."""
	if not stored.is_file():
		return False
	if key.exists():
		if key.read_bytes() == stored.read_bytes():
			return True
		shutil.copy2(key, key.with_name(key.name + backups.BEFORE))
	_copy_key(stored, key)
	return True
