"""Our words for the kinds of accounts. A provider's own word stays where none of them fits (`RemoteAccount.kind`).

An account is recognised at another provider by its name and its kind, so that providers must use the same words.
"""

from __future__ import annotations

CHECKING = "checking"
SAVINGS = "savings"
CARD = "card"
LOAN = "loan"
BROKERAGE = "brokerage"
UNKNOWN = "unknown"
"""The provider does not say."""
