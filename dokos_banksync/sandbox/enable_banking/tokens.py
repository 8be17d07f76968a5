"""Verification of the JWT that every call has.

https://enablebanking.com/docs/api/reference/ "JWT format and signature": RS256; header `kid` is the
application's id; `iss` is "enablebanking.com", `aud` "api.enablebanking.com" ("api.tilisy.com" is the old name),
`exp` at most 24 hours after `iat`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Request

from dokos_banksync.sandbox.enable_banking.errors import ApiError
from dokos_banksync.sandbox.enable_banking.model import Application
from dokos_banksync.sandbox.enable_banking.state import EnableBanking
from dokos_banksync.sandbox.jose import Jws

AUDIENCES = frozenset({"api.enablebanking.com", "api.tilisy.com"})
ISSUER = "enablebanking.com"
LONGEST_SECONDS = 86400
SKEW_SECONDS = 30


def caller(face: EnableBanking, request: Request) -> Application:
	"""Return the application that signed a call. ApiError when none did."""
	given = request.headers.get("Authorization")
	if not given:
		raise ApiError("AUTHORIZATION_NOT_PROVIDED")
	kind, _, token = given.partition(" ")
	try:
		jws = Jws.read(token)
	except ValueError:
		raise ApiError("UNAUTHORIZED_ACCESS", "JWT is malformed") from None
	application = face.application(str(jws.header.get("kid", "")))
	if kind.lower() != "bearer" or application is None:
		raise ApiError("UNAUTHORIZED_ACCESS", "Application does not exist")
	if not jws.is_signed_by(application.key, "RS256"):
		raise ApiError("UNAUTHORIZED_ACCESS", "JWT signature does not match the application's certificate")
	_check_claims(jws.claims, face.now().timestamp())
	return application


def _check_claims(claims: Mapping[str, Any], now: float) -> None:
	issued, expires = claims.get("iat"), claims.get("exp")
	if not isinstance(issued, int) or not isinstance(expires, int):
		raise ApiError("UNAUTHORIZED_ACCESS", "JWT needs iat and exp")
	if claims.get("iss") != ISSUER or claims.get("aud") not in AUDIENCES:
		raise ApiError("UNAUTHORIZED_ACCESS", "JWT has a wrong iss or aud")
	if expires - issued > LONGEST_SECONDS:
		raise ApiError("UNAUTHORIZED_ACCESS", "JWT lives longer than 24 hours")
	if expires <= now:
		raise ApiError("UNAUTHORIZED_ACCESS", "JWT is expired")
	if issued > now + SKEW_SECONDS:
		raise ApiError("UNAUTHORIZED_ACCESS", "JWT is issued in the future")
