"""The calls of a browser by their short names, which are unique."""

from __future__ import annotations

from dokos_banksync.actions.registry import METHODS

SHORT = {path.rpartition(".")[2]: path for path in METHODS}
assert len(SHORT) == len(METHODS)
CONNECTING = frozenset(
	{
		*(
			"bank_state",
			"providers",
			"provider_fields",
			"institutions",
			"institution_logos",
			"check_provider",
		),
		*("begin_connect", "begin_reconnect", "picture_accounts"),
		*("account_choices", "update_accounts", "fetch_transactions", "run_updates", "fetch_accounts"),
		*(
			"disconnect",
			"forget_connection",
			"history",
			"connection_quotas",
			"add_category",
			"rename_category",
			"delete_category",
		),
	}
)
REVIEWING = {name: METHODS[path] for name, path in SHORT.items() if name not in CONNECTING}
"""Calls about one document, which each asks the host first whether the user may see."""


def dotted(name: str) -> str:
	"""The whole path of a call; an unknown name is put where no call is."""
	return SHORT.get(name, f"dokos_banksync.api.connections.{name}")
