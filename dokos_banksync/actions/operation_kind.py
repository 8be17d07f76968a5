"""The kind of an operation (card, transfer …) in words: an open list, in which every provider has its own."""

from __future__ import annotations

from dokos_banksync.actions.i18n import Translations

LABELS = {
	"card": "Card payment",
	"transfer": "Bank transfer",
	"direct_debit": "Direct debit",
	"check": "Cheque",
	"withdrawal": "Cash withdrawal",
	"deposit": "Cash deposit",
}
"""By the words of providers that are no labels."""
_UNKNOWN = "unknown"


def shown_kind(translations: Translations, kind: str) -> str:
	"""Return a label of ours, else the provider's or the bank's own words; empty where they do not say."""
	if kind == _UNKNOWN:
		return ""
	label = LABELS.get(kind)
	return translations(label) if label else kind
