"""Every endpoint with every role, on a real site: counted here, run by the suite of the sites where a bench is found."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.attack.figures import Figure
from tests.site.bench import folder

ROOT = Path(__file__).parents[2]
_SUITES = ("tests/site/test_api.py", "tests/site/test_rights.py")


def attack() -> Figure:
	"""Return how many pairs the suite has, and run them where a bench is found."""
	suites = [suite for suite in _SUITES if (ROOT / suite).exists()]
	what = "endpoint and role pairs (site)"
	listed = _pytest("--collect-only", *suites).stdout
	pairs = [line for line in listed.splitlines() if "[" in line and "::" in line]
	if not folder().is_dir():
		return Figure(what, 0, note=f"no bench found in {folder()}: the suite has {len(pairs)} cases")
	done = _pytest("-rf", *suites)
	failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
	if not failed and done.returncode not in (0, 5):
		failed = [done.stdout[-300:]]
	return Figure(what, passed(done.stdout) + len(failed), failed, f"the suite has {len(pairs)} cases")


def passed(output: str) -> int:
	"""Return how many tests the summary of pytest counts as passed: those that were skipped prove nothing."""
	found = re.search(r"(\d+) passed", output)
	return int(found[1]) if found else 0


def _pytest(*words: str) -> subprocess.CompletedProcess[str]:
	call = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words]
	return subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=False)
