"""Plaid: https://plaid.com/docs/ (API version 2020-09-14)."""
