from __future__ import annotations

import pytest

from tests.ledgers.build import connected_ledger
from tests.ledgers.contract import NOW
from tests.ledgers.review_contract import ReviewContract


class TestSqliteReview(ReviewContract):
	@pytest.fixture
	def made(self, tmp_path):
		ledger, connection = connected_ledger(tmp_path, clock=lambda: NOW)
		with ledger:
			yield ledger, connection
