"""Authorization code with PKCE, rotating refresh tokens and client credentials (RFC 6749, RFC 7636)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import timedelta
from urllib.parse import unquote_plus

from werkzeug.wrappers import Request, Response

from dokos_banksync.sandbox.consent_pages.session import ConsentSession, with_query
from dokos_banksync.sandbox.jose import b64url
from dokos_banksync.sandbox.ponto.errors import ApiError, OAuthError
from dokos_banksync.sandbox.ponto.model import Application, AuthorizationFlow, Grant, Organization, Row, Token
from dokos_banksync.sandbox.ponto.state import Ponto

SESSION_LIFE = timedelta(minutes=30)
SCOPES = frozenset({"offline_access", "ai", "pi", "name"})


def authorize(ponto: Ponto, request: Request) -> Response:
	"""Open a consent session for an authorization request. An unknown client or address to return to gets no redirect."""
	asked = request.args
	application = ponto.applications.get(asked.get("client_id", ""))
	redirect_uri = asked.get("redirect_uri", "")
	if application is None or application.owner or redirect_uri not in application.redirect_uris:
		return Response("The client or its redirect_uri is not registered", status=400)
	problem = _problem_with(ponto, request)
	if problem:
		back = {"error": problem, "error_description": "Not a valid request", "state": asked.get("state", "")}
		return _redirect(with_query(redirect_uri, back))
	consent_session = ConsentSession(ponto.new_uuid(), ponto.now() + SESSION_LIFE, redirect_uri)
	details = ponto.onboarding.get(asked.get("onboarding_details_id", ""), {})
	chosen = details.get("initialFinancialInstitutionId")
	if isinstance(chosen, int):
		consent_session.institution_id, consent_session.step = chosen, "login"
	flow = AuthorizationFlow(
		consent_session, application, asked["state"], asked["code_challenge"], redirect_uri=redirect_uri
	)
	ponto.flows[consent_session.id] = flow
	return _redirect(f"/connect/ponto/{consent_session.id}")


def _problem_with(ponto: Ponto, request: Request) -> str:
	asked = request.args
	if asked.get("response_type") != "code":
		return "unsupported_response_type"
	if not set(asked.get("scope", "").split()) <= SCOPES or "ai" not in asked.get("scope", "").split():
		return "invalid_scope"
	if len(asked.get("state", "")) < 8:
		return "invalid_state"
	if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
		return "invalid_request"
	known = asked.get("onboarding_details_id")
	return "" if known is None or known in ponto.onboarding else "invalid_request"


def give_token(ponto: Ponto, request: Request) -> Row:
	"""Answer the token endpoint."""
	application, form = client_of(ponto, request), request.form
	kind = form.get("grant_type") or request.args.get("grant_type")
	if kind == "client_credentials":
		owner = ponto.organization_of(application.owner) if application.owner else None
		return _answer(ponto, application, owner, None)
	if application.owner:
		raise OAuthError(400, "unauthorized_client", "The client may use client_credentials only")
	if kind == "authorization_code":
		return _of_grant(ponto, _from_code(ponto, application, request))
	if kind == "refresh_token":
		return _of_grant(ponto, _rotated(ponto, application, form.get("refresh_token", "")))
	raise OAuthError(400, "unsupported_grant_type", "The grant type is not supported")


def _from_code(ponto: Ponto, application: Application, request: Request) -> Grant:
	form = request.form
	code = form.get("code", "")
	flow = next((one for one in ponto.flows.values() if code and one.code == code), None)
	if flow is None or flow.application is not application or flow.organization is None:
		raise OAuthError(400, "invalid_grant", "The authorization code is not valid")
	flow.code = ""
	verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
	expired = flow.code_expires_at is None or flow.code_expires_at <= ponto.now()
	if expired or b64url(verifier) != flow.challenge or form.get("redirect_uri") != flow.redirect_uri:
		raise OAuthError(
			400, "invalid_grant", "The authorization code, its verifier or redirect_uri is not valid"
		)
	grant = Grant(application, flow.organization, ponto.new_secret())
	ponto.grants.append(grant)
	return grant


def _rotated(ponto: Ponto, application: Application, refresh_token: str) -> Grant:
	"""Exchange a refresh token for a new one. One that was used before ends the whole grant."""
	for grant in ponto.grants:
		if grant.application is not application or grant.revoked:
			continue
		if refresh_token in grant.spent:
			if ponto.settings.reuse_revokes:
				ponto.end_grant(grant)
			break
		if refresh_token == grant.refresh_token:
			grant.spent.add(refresh_token)
			grant.refresh_token = ponto.new_secret()
			return grant
	raise OAuthError(400, "invalid_grant", "The refresh token is not valid")


def revoke_token(ponto: Ponto, request: Request) -> Row:
	"""End a grant by its refresh token; an unknown one is no error (RFC 7009)."""
	client_of(ponto, request)
	given = request.form.get("token", "")
	for grant in ponto.grants:
		if grant.refresh_token == given:
			ponto.end_grant(grant)
	return {}


def client_of(ponto: Ponto, request: Request) -> Application:
	"""Return the client of HTTP Basic. OAuthError (401) otherwise."""
	kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
	try:
		client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
	except (binascii.Error, UnicodeDecodeError):
		client_id, secret = "", ""
	application = ponto.applications.get(unquote_plus(client_id))
	right = application is not None and hmac.compare_digest(
		application.client_secret.encode(), unquote_plus(secret).encode()
	)
	if kind.lower() != "basic" or application is None or not right:
		raise OAuthError(401, "invalid_client", "Client authentication failed")
	return application


def bearer(ponto: Ponto, request: Request) -> Token:
	"""Return the access token of a call. ApiError (401) otherwise."""
	kind, _, text = request.headers.get("Authorization", "").partition(" ")
	token = ponto.tokens.get(text) if kind.lower() == "bearer" else None
	if token is None or token.expires_at <= ponto.now():
		raise ApiError(401, "invalidAccessToken", "The access token is missing, wrong or expired")
	return token


def _of_grant(ponto: Ponto, grant: Grant) -> Row:
	answer = _answer(ponto, grant.application, grant.organization, grant)
	return {**answer, "refresh_token": grant.refresh_token}


def _answer(
	ponto: Ponto, application: Application, organization: Organization | None, grant: Grant | None
) -> Row:
	text, life = ponto.new_secret(), ponto.settings.token_life
	ponto.tokens[text] = Token(application, organization, ponto.now() + life, grant)
	scope = "offline_access ai" if grant else "ai"
	return {
		"access_token": text,
		"expires_in": int(life.total_seconds()),
		"scope": scope,
		"token_type": "bearer",
	}


def _redirect(address: str) -> Response:
	return Response(status=302, headers={"Location": address, "Cache-Control": "no-store"})
