"""Plaid's API (version 2020-09-14), Hosted Link and webhooks, after https://plaid.com/docs and its OpenAPI file."""
