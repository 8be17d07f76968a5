"""`make test-all-pythons`: the unit tests under each Python from 3.10 to 3.14 that is installed.

python -m tests.all_pythons [3.12 3.13]
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

MINORS = range(10, 15)
UNIT = ("tests/core", "tests/providers", "tests/statements", "tests/hosts/standalone/ledger", "tests/actions")
_ROOT = Path(__file__).parent.parent
_FOLDER = _ROOT / ".pythons"


def interpreter(version: str) -> str | None:
	"""Return the path of a Python of that version, on the path or of pyenv, or None."""
	pyenv = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"))
	candidates = [shutil.which(f"python{version}"), *map(str, reversed(pyenv))]
	# A shim of pyenv stands on the path for versions too that it refuses to start.
	return next((path for path in candidates if path and _starts(path)), None)


def _starts(path: str) -> bool:
	return (
		subprocess.run([path, "-c", "import venv, ensurepip"], capture_output=True, check=False).returncode
		== 0
	)


def passes(python: str, version: str) -> bool:
	"""Install the project for one Python and return whether its unit tests pass."""
	folder = _FOLDER / version
	own = folder / "bin" / "python"
	if not own.exists():
		subprocess.run([python, "-m", "venv", str(folder)], check=True)
	install = [own, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-e", ".[test]"]
	subprocess.run(install, check=True, cwd=_ROOT)
	command = [own, "-m", "pytest", "-n", "auto", "-p", "no:cacheprovider", *UNIT]
	return subprocess.run(command, check=False, cwd=_ROOT).returncode == 0


def main(versions: list[str]) -> int:
	"""Run the unit tests under each version and return 1 where they failed under one."""
	failed = []
	for version in versions or [f"3.{minor}" for minor in MINORS]:
		python = interpreter(version)
		print(f"Python {version}: {python or 'not installed'}", flush=True)
		if python and not passes(python, version):
			failed.append(version)
	print(f"Failed: {', '.join(failed)}" if failed else "All passed")
	return 1 if failed else 0


if __name__ == "__main__":
	sys.exit(main(sys.argv[1:]))
