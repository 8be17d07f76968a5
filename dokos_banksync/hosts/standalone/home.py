"""The folder of the standalone site: its database, and the key that encrypts secrets."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.message import Message, reason_of

FOLDER = "banksync"
DATABASE = "banksync.db"
KEY = "banksync.key"


def default_home(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
	"""Return `BANKSYNC_HOME`, else a folder of ours where the platform wants a user's data.

	On Linux that is the XDG Base Directory Specification, https://specifications.freedesktop.org/basedir-spec/.
	"""
	if environ.get("BANKSYNC_HOME"):
		return Path(environ["BANKSYNC_HOME"])
	if platform == "darwin":
		return Path.home() / "Library" / "Application Support" / FOLDER
	if platform == "win32":
		return Path(environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / FOLDER
	data = Path(environ.get("XDG_DATA_HOME", ""))
	# The specification asks that a relative path be ignored.
	return (data if data.is_absolute() else Path.home() / ".local" / "share") / FOLDER


def prepare_home(home: Path) -> Path:
	"""Make the folder, for its owner alone, and return it.

	Raises `ConfigurationError` when it cannot be used, or when others may enter it: they would find new files there
	before anything protects them.
	"""
	try:
		home.mkdir(mode=0o700, parents=True, exist_ok=True)
	except OSError as error:
		raise _unusable(home, reason_of(error)) from None
	if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
		raise _unusable(home, Message("permission denied"))
	if os.name == "posix" and home.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
		raise ConfigurationError("The folder {0} is open to other users: run chmod 700 {0}", home)
	return home


def _unusable(home: Path, why: Message) -> ConfigurationError:
	return ConfigurationError(
		"The folder {0} cannot be used ({1}): choose another with --home or BANKSYNC_HOME", home, why
	)
