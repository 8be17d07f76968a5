"""docs/install.md beyond `banksync` itself: units of systemd, the line for cron, the container, the virtual environment."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from dokos_banksync.hosts.standalone.cli.serve import PAGES_PORT

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "install.md").read_text("utf-8")
COMMAND = Path(sys.executable).with_name("banksync")
SYSTEMD = shutil.which("systemd-analyze")
PROGRAMS = {"apt", "git", "journalctl", "ln", "loginctl", "pipx", "podman", "python3", "systemctl", "uv"}


def block(above: str) -> list[str]:
	"""Return the indented lines below a line of the page, without their indent."""
	below = PAGE.partition(above)[2]
	found = re.search(r"(?:^(?: {4}.*)?\n)+", below[below.index("\n    ") + 1 :], re.MULTILINE)
	assert found, above
	return [line[4:] for line in found[0].splitlines()]


def unit(name: str) -> str:
	lines = block(f"`~/.config/systemd/user/{name}`")
	end = next((at for at, line in enumerate(lines) if line.startswith("systemctl")), len(lines))
	return "\n".join(lines[:end])


@pytest.fixture
def home(tmp_path: Path) -> Path:
	"""A user's home with the command where pipx puts it."""
	(tmp_path / ".local" / "bin").mkdir(parents=True)
	(tmp_path / ".local" / "bin" / "banksync").symlink_to(COMMAND)
	return tmp_path


def environment(home: Path) -> dict[str, str]:
	return {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}


def test_the_units_are_valid_and_start_commands_that_exist(home: Path) -> None:
	names = re.findall(r"^`~/\.config/systemd/user/([\w.-]+)`$", PAGE, re.MULTILINE)
	assert names == ["banksync-sync.service", "banksync-sync.timer", "banksync-serve.service"]
	for name in names:
		(home / name).write_text(unit(name).replace("%h", str(home)), "utf-8")
	starts = re.findall(r"^    ExecStart=%h/(.+?) (.+)$", PAGE, re.MULTILINE)
	assert [(home / path).exists() for path, _ in starts] == [True, True]
	assert f"enable --now {names[1]}" in PAGE, "the timer is enabled, not the service that it starts"
	if SYSTEMD is None:
		pytest.skip("There is no systemd-analyze to verify the units with.")
	for name in names:
		done = subprocess.run(
			[SYSTEMD, "verify", "--man=no", f"./{name}"],
			cwd=home,
			capture_output=True,
			text=True,
			timeout=60,
			env={**environment(home), "SYSTEMD_UNIT_PATH": f"{home}:"},
		)
		assert [line for line in done.stderr.splitlines() if name in line] == []


def test_the_line_for_cron_runs(home: Path) -> None:
	[line] = [one for one in block("## Fetch automatically: cron") if one]
	minute, hour, *rest, command = line.split(maxsplit=5)
	assert minute.isdecimal()
	assert (hour, *rest) == ("*", "*", "*", "*")
	done = subprocess.run(["/bin/sh", "-c", command], env=environment(home), capture_output=True, timeout=60)
	assert (done.returncode, done.stderr) == (0, b"")
	assert (home / ".local" / "share" / "banksync").is_dir(), "where the page says that the data is"


def test_programs_of_the_page_are_known_and_extras_exist() -> None:
	lines = re.findall(r"^ {4}([a-z][\w-]*) .+$", PAGE, re.MULTILINE)
	assert set(lines) - PROGRAMS <= {"banksync"}
	assert set(re.findall(r"\[(\w+)\]'", PAGE)) == {"standalone"}
	environment_folder = "~/.local/share/banksync-venv"
	assert f"python3 -m venv {environment_folder} " in PAGE
	assert f"ln -s {environment_folder}/bin/banksync ~/.local/bin/" in PAGE


def recipe() -> list[tuple[str, str]]:
	"""Return the instructions of the Containerfile."""
	lines = [line for line in block("## In a container") if re.match(r"[A-Z]+ ", line)]
	return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def test_the_recipe_of_the_container_is_complete() -> None:
	parts = recipe()
	steps = dict(parts)
	assert [word for word, _ in parts] == ["FROM", "COPY", "RUN", "USER", "ENV", "VOLUME", "EXPOSE", "CMD"]
	image = re.fullmatch(r"python:3\.(\d+)-slim", steps["FROM"])
	assert image
	assert 10 <= int(image[1]) <= 14
	assert steps["COPY"].split() == [".", "/src"]
	assert steps["ENV"] == f"BANKSYNC_HOME={steps['VOLUME']}"
	assert steps["EXPOSE"] == str(PAGES_PORT)
	assert f"127.0.0.1:{PAGES_PORT}:{PAGES_PORT}" in PAGE
	assert f"-o {steps['USER']} {steps['VOLUME']}" in steps["RUN"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
	"""An environment in which the recipe's `pip install` was executed; its requirements are those of this one."""
	folder = tmp_path_factory.mktemp("container")
	source = folder / "src"
	kept = ("dokos_banksync", "setup.py", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE")
	for name in kept:
		copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
		source.mkdir(exist_ok=True)
		copy(ROOT / name, source / name)
	subprocess.run(
		[sys.executable, "-m", "venv", "--without-pip", str(folder / "env")], check=True, timeout=120
	)
	python = folder / "env" / "bin" / "python"
	[install, *_] = dict(recipe())["RUN"].split(" && ")
	words = [word.replace("/src", str(source)) for word in shlex.split(install)]
	assert words[:2] == ["pip", "install"]
	offline = ["--no-deps", "--no-build-isolation", "--quiet", "--disable-pip-version-check"]
	pip = [sys.executable, "-m", "pip", "--python", str(python), "install", *offline, *words[2:]]
	subprocess.run(
		pip, check=True, timeout=300, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path[1:])}
	)
	return folder


def test_the_command_of_the_container_serves_the_pages(installed: Path, tmp_path: Path) -> None:
	packages = next(path for path in sys.path if path.endswith("site-packages"))
	words = re.findall(r'"([^"]+)"', dict(recipe())["CMD"])
	call = [str(installed / "env" / "bin" / words[0]), *words[1:], "--port", "0"]
	environ = {**environment(tmp_path), "BANKSYNC_HOME": str(tmp_path / "data"), "PYTHONPATH": packages}
	with subprocess.Popen(call, env=environ, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
		assert process.stdout is not None
		said = process.stdout.readline()
		port = re.search(r":(\d+)/", said)
		assert port, said
		assert requests.get(f"http://127.0.0.1:{port[1]}/", timeout=30).status_code == 403
		process.send_signal(signal.SIGINT)
		assert process.wait(30) == 0
