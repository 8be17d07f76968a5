"""Where the data is kept."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.hosts.standalone.home import default_home, prepare_home


def test_the_variable_wins() -> None:
	assert default_home({"BANKSYNC_HOME": "/srv/bank", "XDG_DATA_HOME": "/x"}, "linux") == Path("/srv/bank")


@pytest.mark.parametrize(
	("platform", "environ", "tail"),
	[
		("linux", {"XDG_DATA_HOME": "/data"}, "/data/banksync"),
		("linux", {"XDG_DATA_HOME": "relative"}, ".local/share/banksync"),
		("linux", {}, ".local/share/banksync"),
		("darwin", {}, "Library/Application Support/banksync"),
		("win32", {"LOCALAPPDATA": "/local"}, "/local/banksync"),
		("win32", {}, "AppData/Local/banksync"),
	],
)
def test_else_where_the_platform_wants_it(platform: str, environ: dict[str, str], tail: str) -> None:
	home = default_home(environ, platform)
	assert home.is_absolute()
	assert home.as_posix().endswith(tail)


def test_a_new_home_is_its_owners_alone(tmp_path: Path) -> None:
	home = prepare_home(tmp_path / "new" / "home")
	assert stat.S_IMODE(home.stat().st_mode) == 0o700
	assert prepare_home(home) == home


def test_a_home_below_a_file_is_refused(tmp_path: Path) -> None:
	(tmp_path / "file").touch()
	with pytest.raises(ConfigurationError, match="--home"):
		prepare_home(tmp_path / "file" / "home")
	with pytest.raises(ConfigurationError, match="cannot be used"):
		prepare_home(tmp_path / "file")


def test_a_home_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr("dokos_banksync.hosts.standalone.home.os.access", lambda path, mode: False)
	with pytest.raises(ConfigurationError, match="permission denied"):
		prepare_home(tmp_path)
