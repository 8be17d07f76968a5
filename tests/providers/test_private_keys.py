"""A private key is loaded once in a process, and its text is kept nowhere."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
	BestAvailableEncryption,
	Encoding,
	NoEncryption,
	PrivateFormat,
)

from dokos_banksync.core.provider import Secret
from dokos_banksync.providers import private_keys


@pytest.fixture(autouse=True)
def nothing_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr(private_keys, "_loaded", {})


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
	return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _pem(key: rsa.RSAPrivateKey, passphrase: str = "") -> Secret:
	locked = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
	return Secret(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked).decode())


def test_a_key_is_loaded_once(key: rsa.RSAPrivateKey) -> None:
	assert private_keys.load(_pem(key)) is private_keys.load(_pem(key))


def test_each_text_has_its_own_key(key: rsa.RSAPrivateKey) -> None:
	other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
	loaded = [private_keys.load(_pem(one)) for one in (key, other)]
	assert [one.private_numbers() for one in loaded] == [key.private_numbers(), other.private_numbers()]


def test_what_cannot_be_loaded_is_refused_each_time(key: rsa.RSAPrivateKey) -> None:
	for _ in range(2):
		with pytest.raises(TypeError):
			private_keys.load(_pem(key, "passphrase"))
		with pytest.raises(ValueError, match="PEM"):
			private_keys.load(Secret("no key"))


def test_the_number_of_keys_that_are_kept_is_bounded(key: rsa.RSAPrivateKey) -> None:
	for number in range(40):
		private_keys.load(Secret(_pem(key).reveal() + "\n" * number))
	assert len(private_keys._loaded) <= private_keys._MOST


def test_no_text_of_a_key_is_kept(key: rsa.RSAPrivateKey) -> None:
	private_keys.load(_pem(key))
	assert b"PRIVATE KEY" not in b"".join(private_keys._loaded)
