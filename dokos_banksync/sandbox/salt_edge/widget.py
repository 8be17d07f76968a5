"""What happens in Salt Edge's widget. Logins named after an error class ("InvalidCredentials" ...) fail so."""

from __future__ import annotations

from dokos_banksync.sandbox.institutions import Institution
from dokos_banksync.sandbox.salt_edge.model import Connection, WidgetVisit, country_of
from dokos_banksync.sandbox.salt_edge.state import SaltEdge
from dokos_banksync.sandbox.visits.visit import ConsentPages, Offer, Visit, with_query

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


class Widget(ConsentPages):
	"""The pages of the widget. The browser returns before the data is there."""

	name = "salt-edge"

	def __init__(self, salt: SaltEdge) -> None:
		self.salt = salt

	def find(self, visit_id: str) -> WidgetVisit | None:
		"""Return an open visit of the widget."""
		visit = self.salt.visits.get(visit_id)
		if visit is None or visit.over or visit.expires_at <= self.salt.now():
			return None
		return visit

	def banks(self, visit: Visit) -> list[Institution]:
		"""Return the providers to choose from."""
		widget = _widget(visit)
		sandboxes = bool((widget.request.get("provider") or {}).get("include_sandboxes"))
		shown = [one for one in self.salt.institutions() if sandboxes or country_of(one) != "XF"]
		if widget.client.state == "pending":
			return [one for one in shown if country_of(one) == "XF"]
		return shown

	def authenticate(self, visit: Visit, login: str, password: str) -> None:  # noqa: ARG002 - any secret does
		"""Check a login; one named after an error class fails with it."""
		widget = _widget(visit)
		visit.login = login
		institution = self._institution(visit)
		if login in _FAILURES:
			self._fail(widget, login)
		elif institution.down:
			self._fail(widget, "ProviderUnavailable")
		elif self._duplicate(widget):
			self._fail(widget, "ConnectionDuplicated")
		elif widget.connection is not None and widget.connection.login != login:
			self._fail(widget, "CredentialsNotMatch")
		else:
			visit.step = "code" if institution.sms_code else "accounts"

	def fail_code(self, visit: Visit) -> None:
		"""End the login for want of the right code."""
		self._fail(_widget(visit), "InvalidInteractiveCredentials")

	def offered(self, visit: Visit) -> list[Offer]:
		"""Return the accounts that the login sees."""
		found = self.salt.world.accounts(self._institution(visit).id, visit.login)
		return [Offer(one.key, one.facts.name, one.facts.currency, True) for one in found]

	def share(self, visit: Visit, chosen: set[str]) -> str | None:
		"""Create or renew the connection, and begin to fetch."""
		widget = _widget(visit)
		customer = widget.customer
		assert customer is not None  # noqa: S101 - every visit has one
		connection = widget.connection or self.salt.new_connection(widget, customer, self._institution(visit))
		widget.connection = connection
		connection.chosen = frozenset(chosen)
		if "automatic_refresh" in widget.request:
			connection.automatic_refresh = bool(widget.request["automatic_refresh"])
		if widget.request.get("consent"):
			self.salt.consent(connection, widget.request["consent"])
		self.salt.attempt(connection, widget.request.get("attempt") or {}, user_present=True)
		return self.close(visit, cancelled=False)

	def close(self, visit: Visit, *, cancelled: bool) -> str:
		"""The return address, with the connection's id and the error's class where they were asked for."""
		widget = _widget(visit)
		widget.over = True
		if cancelled:
			widget.error_class = widget.error_class or "ProviderAccessNotGranted"
		asked, values = widget.request, {}
		if widget.connection is not None and asked.get("return_connection_id"):
			values["connection_id"] = widget.connection.id
		if widget.error_class and asked.get("return_error_class"):
			values |= {"error_class": widget.error_class, "error_message": f"{widget.error_class} occurred."}
		return with_query(widget.return_to, values)

	def _institution(self, visit: Visit) -> Institution:
		return self.salt.world.institutions[visit.institution_id or 0]

	def _duplicate(self, widget: WidgetVisit) -> Connection | None:
		"""The customer's other connection with the same login."""
		customer = widget.customer
		assert customer is not None  # noqa: S101 - every visit has one
		if widget.connection is not None:
			return None
		same = (widget.institution_id, widget.login)
		found = customer.connections.values()
		return next((one for one in found if (one.institution.id, one.login) == same), None)

	def _fail(self, widget: WidgetVisit, name: str) -> None:
		"""A failed login of a connection that exists leaves it inactive when the credentials are wrong."""
		widget.error_class, widget.failure, widget.step = name, f"{name} occurred.", "error"
		connection = widget.connection
		if connection is not None:
			self.salt.fail(connection, name)
			if name == "InvalidCredentials":
				connection.status = "inactive"


def _widget(visit: Visit) -> WidgetVisit:
	assert isinstance(visit, WidgetVisit)  # noqa: S101 - `find` makes no others
	return visit
