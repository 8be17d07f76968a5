from __future__ import annotations

import pytest

from tests.core.books import Books
from tests.core.importing.test_histories import Story


@pytest.fixture
def story(tmp_path):
	"""A bank, its feed and a ledger, linked and empty."""
	made = Story(tmp_path, 3)
	with made.ledger:
		yield made


@pytest.fixture
def books(tmp_path):
	"""A Bank Account without a connection, and files for it."""
	made = Books(tmp_path)
	with made.ledger:
		yield made
