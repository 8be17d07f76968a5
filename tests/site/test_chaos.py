"""A share of the histories of `tests.chaos` on every real site: undone, merged, deleted, killed; and equal to the bank."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.site.test_ledger import BANKS, CLEAN, current, process  # noqa: F401

TELL = """
import sys
if sys.path[0] != root:
	# Some packages bring a "tests" of their own.
	sys.path.insert(0, root)
	for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
		del sys.modules[name]
from tests.site.chaos import history
answer = list(history(number, account))
"""


@pytest.mark.parametrize("number", range(3))
def test_the_site_ends_equal_to_the_bank(process, current, number):  # noqa: F811
	process.run(CLEAN, banks=BANKS)
	root = str(Path(__file__).parents[2])
	wrong, done = process.run(TELL, root=root, number=number, account=current)
	assert wrong == [], " ".join(done)
