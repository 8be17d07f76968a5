"""The handlers of the API's calls."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request

from dokos_banksync.sandbox.clock import iso
from dokos_banksync.sandbox.consent_pages.session import ConsentSession
from dokos_banksync.sandbox.ponto import resources
from dokos_banksync.sandbox.ponto.errors import ApiError, missing
from dokos_banksync.sandbox.ponto.model import (
	Account,
	AuthorizationFlow,
	Organization,
	Row,
	Synchronization,
	Token,
)
from dokos_banksync.sandbox.ponto.oauth import SESSION_LIFE
from dokos_banksync.sandbox.ponto.reading import SUBTYPES
from dokos_banksync.sandbox.ponto.state import Ponto


@dataclass
class Call:
	"""A call with a valid access token."""

	request: Request
	ponto: Ponto
	token: Token

	@property
	def organization(self) -> Organization:
		"""Return the organization of the token. ApiError (403) for none."""
		if self.token.organization is None:
			raise ApiError(403, "forbidden", "The token is not an organization's")
		return self.token.organization

	def attributes(self, kind: str) -> dict[str, Any]:
		"""Return the attributes of the resource that was sent."""
		body = self.request.get_json(silent=True)
		data = body.get("data") if isinstance(body, dict) else None
		if not isinstance(data, dict) or data.get("type") != kind:
			raise ApiError(400, "invalidBody", f"A resource of the type {kind} is needed", "/data")
		found = data.get("attributes") or {}
		return dict(found)

	def account(self, account_id: str) -> Account:
		"""Return an account that the token may read."""
		return self.ponto.account(self.token, account_id)

	def synchronization(self, synchronization_id: str) -> Synchronization:
		"""Return a synchronization of such an account."""
		found = self.ponto.synchronizations.get(synchronization_id)
		if found is None or found.account not in self.ponto.accounts(self.token):
			raise missing("synchronization")
		return found


def list_accounts(call: Call) -> Row:
	"""Answer a page of accounts."""
	found = call.ponto.accounts(call.token)
	return resources.page(call.request, found, lambda one: one.id, resources.account)


def get_account(call: Call, account_id: str) -> Row:
	"""Answer one account."""
	return {"data": resources.account(call.account(account_id))}


def delete_account(call: Call, account_id: str) -> Row:
	"""Take an account out of the integration."""
	account = call.account(account_id)
	call.ponto.revoke_account(account)
	return {"data": {"type": "account", "id": account.id}}


def list_transactions(call: Call, account_id: str) -> Row:
	"""Answer a page of booked transactions."""
	account = call.account(account_id)
	found = resources.newest_first(list(account.rows.values()))
	if call.ponto.settings.oldest_first:
		found.reverse()
	page = resources.page(
		call.request, found, lambda one: one.id, lambda one: resources.transaction(one, account)
	)
	return _with_state(page, account)


def list_pending(call: Call, account_id: str) -> Row:
	"""Answer a page of pending transactions."""
	account = call.account(account_id)
	found = resources.newest_first(list(account.pending.values()))
	page = resources.page(
		call.request,
		found,
		lambda one: one.id,
		lambda one: resources.transaction(one, account, "pendingTransaction"),
	)
	return _with_state(page, account)


def get_transaction(call: Call, account_id: str, transaction_id: str) -> Row:
	"""Answer one booked transaction."""
	account = call.account(account_id)
	if transaction_id not in account.rows:
		raise missing("transaction")
	return {"data": resources.transaction(account.rows[transaction_id], account)}


def create_synchronization(call: Call) -> Row:
	"""Start a synchronization."""
	given = call.attributes("synchronization")
	if given.get("resourceType") != "account" or given.get("subtype") not in SUBTYPES:
		raise ApiError(400, "invalidBody", "resourceType or subtype is not known", "/data/attributes")
	address = given.get("customerIpAddress")
	try:
		attended = address is not None and bool(ipaddress.ip_address(str(address)))
	except ValueError:
		raise ApiError(
			400, "invalidBody", "customerIpAddress is not an address", "/data/attributes"
		) from None
	account = call.account(str(given.get("resourceId")))
	made = call.ponto.reader.create(account, given["subtype"], attended=attended)
	return {"data": resources.synchronization(made)}


def get_synchronization(call: Call, synchronization_id: str) -> Row:
	"""Answer a synchronization, which goes on with each poll."""
	found = call.synchronization(synchronization_id)
	call.ponto.reader.poll(found)
	return {"data": resources.synchronization(found)}


def list_updated(call: Call, synchronization_id: str) -> Row:
	"""Answer a page of what a synchronization created or changed."""
	found = call.synchronization(synchronization_id)
	rows = [found.account.rows[one] for one in found.updated if one in found.account.rows]
	page = resources.page(
		call.request, rows, lambda one: one.id, lambda one: resources.transaction(one, found.account)
	)
	return _with_state(page, found.account)


def list_updated_pending(call: Call, synchronization_id: str) -> Row:
	"""Answer a page of the pending rows that a synchronization created."""
	found = call.synchronization(synchronization_id)
	rows = [found.account.pending[one] for one in found.updated_pending if one in found.account.pending]
	return resources.page(
		call.request,
		rows,
		lambda one: one.id,
		lambda one: resources.transaction(one, found.account, "pendingTransaction"),
	)


def reauthorize(call: Call, account_id: str) -> Row:
	"""Open a consent session in which the user renews the authorization of one account.

	The documents do not say how redirectUri is compared: here its query may be anything.
	"""
	account, given = call.account(account_id), call.attributes("reauthorizationRequest")
	address = str(given.get("redirectUri", ""))
	if address.partition("?")[0] not in call.token.application.redirect_uris:
		raise ApiError(
			400, "invalidRedirectUri", "redirectUri is not registered", "/data/attributes/redirectUri"
		)
	ponto = call.ponto
	consent_session = ConsentSession(
		ponto.new_uuid(),
		ponto.now() + SESSION_LIFE,
		return_to=address,
		step="login",
		institution_id=account.institution.id,
		fixed=True,
	)
	ponto.flows[consent_session.id] = AuthorizationFlow(
		consent_session, call.token.application, account=account
	)
	link = f"{call.request.host_url}connect/ponto/{consent_session.id}"
	data = {"type": "reauthorizationRequest", "id": consent_session.id, "attributes": {"sandbox": True}}
	return {"data": {**data, "links": {"redirect": link}}}


def user_info(call: Call) -> Row:
	"""Answer whose token it is."""
	return {
		"sub": call.organization.id, "name": call.organization.key.title(), "onboardingComplete": True,
		"paymentsActivated": False, "paymentsActivationRequested": False, "representativeOrganizationId": None,
		"representativeOrganizationName": None,
	}  # fmt: skip


def end_integration(call: Call, organization_id: str) -> Row:
	"""End the integration of the organization."""
	if organization_id != call.organization.id:
		raise missing("organization")
	call.ponto.end_integration(call.organization, call.token.application)
	related = {"organization": {"data": {"type": "organization", "id": organization_id}}}
	return {"data": {"type": "integration", "id": call.token.application.id, "relationships": related}}


def create_onboarding(call: Call) -> Row:
	"""Keep what a user need not type again; only the application's own token may."""
	if call.token.organization is not None:
		raise ApiError(403, "forbidden", "A client access token is needed")
	given = call.attributes("onboardingDetails")
	wanted = str(given.get("initialFinancialInstitutionId") or "")
	ids = {resources.institution_id(one): one.id for one in call.ponto.world.institutions.values()}
	if wanted and wanted not in ids:
		raise ApiError(400, "invalidBody", "The financial institution is not known", "/data/attributes")
	made = call.ponto.new_uuid()
	call.ponto.onboarding[made] = {"initialFinancialInstitutionId": ids.get(wanted)}
	return {"data": {"type": "onboardingDetails", "id": made, "attributes": given}}


def _with_state(page: Row, account: Account) -> Row:
	moment = iso(account.synchronized_at) if account.synchronized_at else None
	latest = resources.synchronization(account.latest) if account.latest else None
	return {**page, "meta": {**page["meta"], "synchronizedAt": moment, "latestSynchronization": latest}}
