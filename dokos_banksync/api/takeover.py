"""The site's own Plaid synchronisation: shown what a takeover would do, taken over, and given back."""

from __future__ import annotations

import frappe

from dokos_banksync.actions import runs, takeover
from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.api.permitted import ACCOUNT, CONNECTION, PROVIDER, TRANSACTION, perform
from dokos_banksync.core.connection.takeover import EarlierConnection, forecast, give_back, take_over
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.provider import Secret
from dokos_banksync.hosts.frappe import plaid_items
from dokos_banksync.hosts.frappe.context import FrappeContext, must_see_bank
from dokos_banksync.hosts.frappe.http_errors import must
from dokos_banksync.hosts.frappe.ledger import FrappeLedger

_TYPE = "Plaid"


@frappe.whitelist()
def takeover_providers() -> object:
	"""Return the Sync Providers that can take an item over, and whether Plaid Settings hold keys for a new one."""
	return perform(_takeover_providers, "create")


@frappe.whitelist(methods=["POST"])
def use_plaid_settings() -> object:
	"""Create a Sync Provider with the keys of Plaid Settings, and return its name."""
	return perform(_use_plaid_settings, "create", PROVIDER)


@frappe.whitelist(methods=["POST"])
def preview_takeover(bank: str, provider: str) -> object:
	"""Return what a takeover of a Bank's item would do. Nothing is stored."""
	return perform(_preview, "create", bank=bank, provider=provider)


@frappe.whitelist(methods=["POST"])
def begin_takeover(bank: str, provider: str) -> object:
	"""Take a Bank's item over, end the site's own synchronisation of its accounts, and start the first import."""
	return perform(_take_over, "create", bank=bank, provider=provider)


@frappe.whitelist(methods=["POST"])
def end_takeover(connection: str) -> object:
	"""Undo what a taken-over connection brought, and give the item back to the site's own synchronisation."""
	return perform(_give_back, "write", connection=connection)


def _takeover_providers(context: FrappeContext, given: Arguments) -> object:  # noqa: ARG001
	own = set(context.providers())
	found = [row["name"] for row in context.site.ledger.providers() if row["provider_type"] == _TYPE]
	may_add = frappe.has_permission(PROVIDER, "create") and plaid_items.has_keys()
	return {"providers": [name for name in found if name in own], "plaid_settings": may_add}


def _use_plaid_settings(context: FrappeContext, given: Arguments) -> object:  # noqa: ARG001
	must("Plaid Settings", "read")
	return {"provider": plaid_items.add_provider(FrappeLedger())}


def _preview(context: FrappeContext, given: Arguments) -> object:
	earlier, site = _earlier(context, given), context.site
	name = given.text("provider")
	made = forecast(site.ledger, site.provider_of(name), name, earlier, clock=site.clock)
	return takeover.forecast_data(context, made)


def _take_over(context: FrappeContext, given: Arguments) -> object:
	earlier, site = _earlier(context, given), context.site
	must("Bank", "write", earlier.bank)
	for account in earlier.accounts:
		must(ACCOUNT, "write", account.bank_account)
	name = given.text("provider")
	record = take_over(site.ledger, site.provider_of(name), name, earlier)
	plaid_items.end(earlier)
	return {**runs.start(context, [record]), "connection": record.name}


def _give_back(context: FrappeContext, given: Arguments) -> object:
	record = context.connection(given.text("connection"))
	must("Bank", "write", record.bank)
	must(TRANSACTION, "write")
	must(CONNECTION, "write", record.name)
	ledger = context.site.ledger
	token = ledger.grant(record.name).read()
	if token is None:
		raise InvalidData("{0} has no access to the bank (any more): disconnect it", record.name)
	given_token: Secret = token
	not_undone = give_back(
		ledger,
		context.site.provider_of(record.provider),
		record.name,
		takeover.runs_to_undo(context, record),
		restore=lambda: plaid_items.restore(record.takeover, given_token),
	)
	return takeover.given_back_data(context, not_undone)


def _earlier(context: FrappeContext, given: Arguments) -> EarlierConnection:
	"""Return the item of the bank, for a user who may see the bank and all of its accounts."""
	bank = given.text("bank")
	must_see_bank(bank)
	context.see(PROVIDER, given.text("provider"))
	earlier = plaid_items.find(bank)
	visible = {account.name for account in context.bank_accounts("")}
	if not visible.issuperset(one.bank_account for one in earlier.accounts):
		raise InvalidData("Plaid feeds bank accounts that you may not see: ask the user who manages them")
	return earlier
