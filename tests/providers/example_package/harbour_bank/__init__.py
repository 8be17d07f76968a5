"""A provider with one bank: an API key, a consent page, and rows that come with a cursor."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal

from dokos_banksync.core.errors import ConfigurationError, ConsentExpired, NotFound, ProviderBug, SyncError
from dokos_banksync.core.model import (
	ConnectionStatus,
	FetchRequest,
	Institution,
	Line,
	LineState,
	Page,
	RejectedRow,
	RemoteAccount,
	RemoteConnection,
)
from dokos_banksync.core.provider import (
	NO_SECRET,
	NOBODY,
	UNATTENDED,
	Access,
	Capabilities,
	Check,
	Clock,
	Completed,
	ConnectRequest,
	Context,
	CredentialField,
	FieldKind,
	HttpCall,
	NoOptionalParts,
	RateLimitStore,
	Secret,
	SecretStore,
	Started,
	Subscription,
)
from dokos_banksync.providers.http import Answer, Http
from dokos_banksync.providers.limits import Limit, Limiter
from dokos_banksync.providers.parsing import Object, day, decimal_text, identifier, mapping, text

STATES = {"booked": LineState.BOOKED, "pending": LineState.PENDING}


class HarbourProvider(NoOptionalParts):
	"""Harbour Bank. Amounts are texts, negative for money out; days are days of the bank."""

	provider_type = "Harbour"
	default_url = "https://api.harbour.example"
	credential_fields = (
		CredentialField("harbour_key", "API key", FieldKind.SECRET, help="From the page Developers"),
	)
	capabilities = Capabilities(lists_connections=False)

	def __init__(
		self,
		subscription: Subscription,
		secret_store: SecretStore,
		rate_limits: RateLimitStore,
		clock: Clock,
		*,
		sleep: Callable[[float], None] = time.sleep,
		observe: Callable[[HttpCall], None] | None = None,
	) -> None:
		key = subscription.secret("harbour_key")
		if not key:
			raise ConfigurationError("{0} has no API key: enter it", subscription.name)
		base_url = subscription.base_url or self.default_url
		self._http = Http(base_url, clock, sleep, headers={"X-Api-Key": key}, observe=observe)
		self._limiter = Limiter(rate_limits, clock, sleep)

	def close(self) -> None:
		"""Close open network connections."""
		self._http.close()

	def check(self) -> Check:
		"""Check the API key."""
		self._get("/me")
		return Check(institutions=1)

	def institutions(self, search: str = "", country: str = "") -> Iterator[Institution]:
		"""Yield the one bank."""
		yield Institution("harbour", "Harbour Bank", "FR")

	# -- consent -----------------------------------------------------------------------------------------
	def start(self, request: ConnectRequest) -> Started:
		"""Return the consent page. The outcome is asked for with the secret `consent`."""
		back = request.callback_with_state()
		answer = mapping(self._call("POST", "/consents", body={"redirect": back}).data)
		return Started(text(answer.get("page")), session=Secret(identifier(answer.get("id"))))

	def complete(self, query: Mapping[str, str], access: Access, session: Secret = NO_SECRET) -> Completed:
		"""Ask for the outcome. The address of the return proves nothing."""
		answer = self._get("/consents", {"id": session.reveal()})
		status = answer.get("status")
		if status == "waiting":
			return Completed(None, pending=True)
		if status != "given":
			return Completed(None, cancelled=True)
		remote = RemoteConnection(identifier(answer.get("connection")), "harbour", ConnectionStatus.ACTIVE)
		return Completed(remote, grant=Secret(text(answer.get("token"))))

	def status(self, access: Access) -> RemoteConnection:
		"""Return the state of the connection."""
		self._get("/accounts", access=access)
		return RemoteConnection(access.remote_id, "harbour", ConnectionStatus.ACTIVE)

	def revoke(self, access: Access) -> None:
		"""End the consent."""
		with suppress(ConsentExpired):  # it has ended already
			self._call("DELETE", "/consents", access=access)

	# -- data --------------------------------------------------------------------------------------------
	def accounts(self, access: Access, context: Context = UNATTENDED) -> list[RemoteAccount]:
		"""Return the accounts of the connection."""
		rows = self._get("/accounts", access=access).get("accounts")
		return [_account(mapping(row)) for row in rows] if isinstance(rows, list) else []

	def changes(
		self, access: Access, requests: Sequence[FetchRequest], context: Context = UNATTENDED
	) -> Iterator[Page]:
		"""Yield what changed in each account since its cursor. An account that fails does so alone."""
		for request in requests:
			try:
				yield from self._pages(access, request)
			except NotFound as error:
				yield Page([], errors={request.remote_account: error})

	def _pages(self, access: Access, request: FetchRequest) -> Iterator[Page]:
		account, cursor, more = request.remote_account, request.cursor, True
		while more:
			query = {"account": account, "after": cursor}
			answer = self._get("/transactions", query, access)
			following, more = text(answer.get("cursor")), answer.get("more") is True
			if more and following == cursor:
				raise ProviderBug("Harbour Bank gives the same page again")
			cursor = following
			yield _page(account, answer, cursor="" if more else cursor)

	# -- calls -------------------------------------------------------------------------------------------
	def _get(self, path: str, query: Mapping[str, str] | None = None, access: Access = NOBODY) -> Object:
		return mapping(self._call("GET", path, query=query, access=access).data)

	def _call(
		self,
		method: str,
		path: str,
		*,
		query: Mapping[str, str] | None = None,
		body: Mapping[str, object] | None = None,
		access: Access = NOBODY,
	) -> Answer:
		"""Make one call, at most 60 in a minute; `Http` repeats it and raises what concerns the network."""
		token = access.grant.read() or NO_SECRET
		answer = self._http.request(
			method,
			path,
			query=query,
			body=body,
			headers={"X-Consent": token} if token else {},
			repeatable=method != "POST",
			before=lambda: self._limiter.wait(Limit("calls", 60, 60)),
		)
		if answer.status >= 400:
			raise _error(answer)
		return answer


def _error(answer: Answer) -> SyncError:
	reference = f"{answer.status} {text(mapping(answer.data).get('code'))}".strip()
	if answer.status == 401:
		return ConfigurationError("Harbour Bank refuses the API key: enter it again", reference=reference)
	if answer.status == 403:
		return ConsentExpired("The consent has ended: reconnect the bank", reference=reference)
	if answer.status == 404:
		return NotFound("Harbour Bank no longer has this account", reference=reference)
	return ProviderBug("Harbour Bank refuses the call ({0})", answer.status, reference=reference)


def _account(row: Object) -> RemoteAccount:
	return RemoteAccount(
		remote_id=identifier(row.get("id")),
		account_name=text(row.get("name")),
		kind="checking",
		currency=text(row.get("currency")),
		iban=text(row.get("iban")),
		balance=decimal_text(row.get("balance")),
	)


def _page(account: str, answer: Object, cursor: str) -> Page:
	"""Return the rows; one that cannot be read is rejected with the reason, never left out, never guessed."""
	rows = answer.get("rows")
	if not isinstance(rows, list):
		raise ProviderBug("Harbour Bank answers without rows")
	lines, rejected = [], []
	for row in map(mapping, rows):
		line = _line(account, row)
		if isinstance(line, Line):
			lines.append(line)
		else:
			rejected.append(RejectedRow(account, identifier(row.get("id")), line, _raw(row)))
	removed = answer.get("removed")
	return Page(
		lines,
		rejected,
		cursors={account: cursor} if cursor else {},
		removed=[(account, identifier(one)) for one in removed] if isinstance(removed, list) else (),
	)


def _line(account: str, row: Object) -> Line | str:
	"""Return the line, or why there is none."""
	line_id, booked, amount = identifier(row.get("id")), day(row.get("date")), decimal_text(row.get("amount"))
	state = STATES.get(text(row.get("state")))
	if not line_id or booked is None or amount is None or state is None:
		return "The id, the date, the amount or the state cannot be read."
	label = text(row.get("label"))
	return Line(
		remote_account=account,
		remote_id=line_id,
		date=booked,
		amount=amount,
		currency=text(row.get("currency")),
		description=label,
		original=label,
		state=state,
		raw=_raw(row),
	)


def _raw(row: Object) -> str:
	return json.dumps(row, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
	return str(value) if isinstance(value, Decimal) else repr(value)
