"""The credentials of a subscription, entered by field name as the provider declares them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.message import Message
from dokos_banksync.core.provider import CredentialField, FieldKind, Secret, Subscription
from dokos_banksync.providers.address import Address
from dokos_banksync.providers.registry import provider_class


def new_subscription(
	name: str, provider_type: str, values: Mapping[str, str], base_url: str = ""
) -> tuple[str, Subscription]:
	"""Return the provider's stored name and a subscription with everything that the provider requires.

	Raises `ConfigurationError` for a missing or unknown credential, an unknown provider or a bad address.
	"""
	if not name.strip():
		raise ConfigurationError("The {0} of the provider is empty: give it", Message("name"), field="name")
	kind = provider_class(provider_type)
	for field in kind.credential_fields:
		if field.required and not values.get(field.name, "").strip():
			raise ConfigurationError(
				"The {0} of the provider is empty: give it", Message(field.label), field=field.name
			)
	return kind.provider_type, changed_subscription(name, provider_type, values, base_url)


def changed_subscription(
	name: str, provider_type: str, values: Mapping[str, str], base_url: str = ""
) -> Subscription:
	"""Return a subscription with only those credentials that were entered. Raises `ConfigurationError`."""
	fields = {field.name: field for field in provider_class(provider_type).credential_fields}
	given = {name: value.strip() for name, value in values.items() if value.strip()}
	for unknown in given.keys() - fields.keys():
		raise ConfigurationError(
			"{0} has no credential {1}. It has: {2}", provider_type, unknown, ", ".join(fields)
		)
	for key, value in given.items():
		_check(fields[key], value)
	if base_url:
		Address.of(base_url)
	return Subscription(
		name=name,
		texts={key: value for key, value in given.items() if not fields[key].kind.secret},
		secrets={key: Secret(value) for key, value in given.items() if fields[key].kind.secret},
		base_url=base_url,
	)


def _check(field: CredentialField, value: str) -> None:
	if field.kind is FieldKind.CHOICE and value not in field.choices:
		raise ConfigurationError(
			"{0} is not valid for {1}: choose among {2}",
			value,
			Message(field.label),
			", ".join(field.choices),
			field=field.name,
		)


def secret_fields(provider_type: str) -> Sequence[CredentialField]:
	"""Return the declared credentials that are encrypted."""
	return [field for field in provider_class(provider_type).credential_fields if field.kind.secret]
