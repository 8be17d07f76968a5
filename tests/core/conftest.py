from __future__ import annotations

import pytest

from tests.core.importing.test_histories import Story


@pytest.fixture
def story(tmp_path):
	"""A bank, its feed and a ledger, linked and empty."""
	made = Story(tmp_path, 3)
	with made.ledger:
		yield made
