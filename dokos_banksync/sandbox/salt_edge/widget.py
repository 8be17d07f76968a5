"""What happens in Salt Edge's widget. Logins named after an error class ("InvalidCredentials" ...) fail so."""

from __future__ import annotations

from dokos_banksync.sandbox.consent_pages.session import ConsentFlow, ConsentSession, Offer, with_query
from dokos_banksync.sandbox.institutions import Institution
from dokos_banksync.sandbox.salt_edge.model import Connection, WidgetSession, country_of
from dokos_banksync.sandbox.salt_edge.state import SaltEdge

_FAILURES = frozenset(
	{
		"InvalidCredentials",
		"InvalidInteractiveCredentials",
		"InteractiveTimeout",
		"ProviderAccessNotGranted",
		"ProviderError",
		"ProviderUnavailable",
		"AllAccountsExcluded",
	}
)


class Widget(ConsentFlow):
	"""The pages of the widget. The browser returns before the data is there."""

	name = "salt-edge"

	def __init__(self, salt: SaltEdge) -> None:
		self.salt = salt

	def find(self, consent_session_id: str) -> WidgetSession | None:
		"""Return an open consent session of the widget."""
		consent_session = self.salt.consent_sessions.get(consent_session_id)
		if consent_session is None or consent_session.over or consent_session.expires_at <= self.salt.now():
			return None
		return consent_session

	def banks(self, consent_session: ConsentSession) -> list[Institution]:
		"""Return the providers to choose from."""
		widget = _widget(consent_session)
		sandboxes = bool((widget.request.get("provider") or {}).get("include_sandboxes"))
		shown = [one for one in self.salt.institutions() if sandboxes or country_of(one) != "XF"]
		if widget.client.state == "pending":
			return [one for one in shown if country_of(one) == "XF"]
		return shown

	def authenticate(self, consent_session: ConsentSession, login: str, password: str) -> None:  # noqa: ARG002 - any secret does
		"""Check a login; one named after an error class fails with it."""
		widget = _widget(consent_session)
		consent_session.login = login
		institution = self._institution(consent_session)
		if login in _FAILURES:
			self._fail(widget, login)
		elif institution.down:
			self._fail(widget, "ProviderUnavailable")
		elif self._duplicate(widget):
			self._fail(widget, "ConnectionDuplicated")
		elif widget.connection is not None and widget.connection.login != login:
			self._fail(widget, "CredentialsNotMatch")
		else:
			consent_session.step = "code" if institution.sms_code else "accounts"

	def fail_code(self, consent_session: ConsentSession) -> None:
		"""End the login for want of the right code."""
		self._fail(_widget(consent_session), "InvalidInteractiveCredentials")

	def offered(self, consent_session: ConsentSession) -> list[Offer]:
		"""Return the accounts that the login sees."""
		found = self.salt.world.accounts(self._institution(consent_session).id, consent_session.login)
		return [Offer(one.key, one.facts.name, one.facts.currency, True) for one in found]

	def share(self, consent_session: ConsentSession, chosen: set[str]) -> str | None:
		"""Create or renew the connection, and begin to fetch."""
		widget = _widget(consent_session)
		customer = widget.customer
		assert customer is not None  # noqa: S101 - every consent session has one
		connection = widget.connection or self.salt.new_connection(
			widget, customer, self._institution(consent_session)
		)
		widget.connection = connection
		connection.chosen = frozenset(chosen)
		if "automatic_refresh" in widget.request:
			connection.automatic_refresh = bool(widget.request["automatic_refresh"])
		if widget.request.get("consent"):
			self.salt.consent(connection, widget.request["consent"])
		self.salt.attempt(connection, widget.request.get("attempt") or {}, user_present=True)
		return self.close(consent_session, cancelled=False)

	def close(self, consent_session: ConsentSession, *, cancelled: bool) -> str:
		"""Return the return address, with the connection's id and the error's class where they were asked for."""
		widget = _widget(consent_session)
		widget.over = True
		if cancelled:
			widget.error_class = widget.error_class or "ProviderAccessNotGranted"
		asked, values = widget.request, {}
		if widget.connection is not None and asked.get("return_connection_id"):
			values["connection_id"] = widget.connection.id
		if widget.error_class and asked.get("return_error_class"):
			values |= {"error_class": widget.error_class, "error_message": f"{widget.error_class} occurred."}
		return with_query(widget.return_to, values)

	def _institution(self, consent_session: ConsentSession) -> Institution:
		return self.salt.world.institutions[consent_session.institution_id or 0]

	def _duplicate(self, widget: WidgetSession) -> Connection | None:
		"""Return the customer's other connection with the same login."""
		customer = widget.customer
		assert customer is not None  # noqa: S101 - every consent session has one
		if widget.connection is not None:
			return None
		same = (widget.institution_id, widget.login)
		found = customer.connections.values()
		return next((one for one in found if (one.institution.id, one.login) == same), None)

	def _fail(self, widget: WidgetSession, name: str) -> None:
		"""A failed login of a connection that exists leaves it inactive when the credentials are wrong."""
		widget.error_class, widget.failure, widget.step = name, f"{name} occurred.", "error"
		connection = widget.connection
		if connection is not None:
			self.salt.fail(connection, name)
			if name == "InvalidCredentials":
				connection.status = "inactive"


def _widget(consent_session: ConsentSession) -> WidgetSession:
	assert isinstance(consent_session, WidgetSession)  # noqa: S101 - `find` makes no others
	return consent_session
