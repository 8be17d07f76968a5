"""Notify users: in the Desk, by e-mail, in the connection's timeline; everyone in their own language."""

from __future__ import annotations

from collections.abc import Sequence

import frappe
from frappe.desk.doctype.notification_settings import notification_settings
from frappe.utils import get_url_to_form
from frappe.utils.user import get_users_with_role

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core.connection.notifications import Notification
from dokos_banksync.core.records import ConnectionRecord
from dokos_banksync.hosts.frappe import mail
from dokos_banksync.hosts.storage.sql import CONNECTION

ROLE = "Bank Sync Manager"


def send(record: ConnectionRecord, due: Sequence[Notification]) -> None:
	"""Notify those who look after the connection. Who cannot be reached by e-mail is shown in the Desk."""
	readers = _readers(record.name) if due else []
	for notification in due:
		_note(record, notification)
		for user in readers:
			_notify_user(record, notification, user)


def language_of(user: str = "") -> str:
	"""Return the language of a user; the site's without a user."""
	chosen = frappe.db.get_value("User", user, "language") if user else None
	return str(chosen or frappe.db.get_default("lang") or "en").partition("-")[0]


def _readers(connection: str) -> list[str]:
	"""Who connected it, and those with the role; if they are still here and may see it."""
	owner = frappe.db.get_value(CONNECTION, connection, "owner")
	found = dict.fromkeys([owner, *sorted(get_users_with_role(ROLE))])
	return [user for user in found if _may_read(user, connection)]


def _may_read(user: str, connection: str) -> bool:
	if not frappe.db.get_value("User", user, "enabled"):
		return False
	return bool(frappe.has_permission(CONNECTION, "read", doc=connection, user=user))


def _notify_user(record: ConnectionRecord, notification: Notification, user: str) -> None:
	translations = Translations(language_of(user))
	subject, detail = (
		translations(notification.sentence, *notification.values),
		translations.message(notification.detail),
	)
	if notification_settings.is_notifications_enabled(user):
		_in_desk(record, user, subject, detail)
	if notification_settings.is_email_notifications_enabled(user):
		_by_mail(record, user, subject, detail=detail, link=translations("Open the connection"))


def _in_desk(record: ConnectionRecord, user: str, subject: str, detail: str) -> None:
	escape = frappe.utils.escape_html
	frappe.get_doc(
		{
			"doctype": "Notification Log",
			"type": "Alert",
			"for_user": user,
			"from_user": "Administrator",
			"document_type": CONNECTION,
			"document_name": record.name,
			"subject": escape(subject),
			"email_content": escape(detail),
		}
	).insert(ignore_permissions=True)


def _by_mail(record: ConnectionRecord, user: str, subject: str, detail: str, link: str) -> None:
	address = frappe.db.get_value("User", user, "email") or ""
	if "@" not in address or address.endswith("@example.com"):
		return  # the Administrator of a new site has an address that nobody reads
	if not mail.sends_mail():
		return  # a site that sends no e-mail has its Desk
	escape = frappe.utils.escape_html
	lines = [subject, *([detail] if detail else [])]
	message = "".join(f"<p>{escape(line)}</p>" for line in lines)
	url = get_url_to_form(CONNECTION, record.name)
	try:
		frappe.sendmail(
			recipients=[address],
			subject=subject,
			message=f'{message}<p><a href="{escape(url)}">{escape(link)}</a></p>',
			reference_doctype=CONNECTION,
			reference_name=record.name,
		)
	except frappe.OutgoingEmailError:
		frappe.clear_messages()


def _note(record: ConnectionRecord, notification: Notification) -> None:
	translations = Translations(language_of())
	words = [
		translations(notification.sentence, *notification.values),
		translations.message(notification.detail),
	]
	text = frappe.utils.escape_html(". ".join(word for word in words if word))
	frappe.get_doc(CONNECTION, record.name).add_comment("Info", text)
