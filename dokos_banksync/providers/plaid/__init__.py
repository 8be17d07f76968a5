"""Plaid: https://plaid.com/docs/ (API version 2020-09-14)."""

from dokos_banksync.providers.plaid.provider import PlaidProvider

__all__ = ["PlaidProvider"]
