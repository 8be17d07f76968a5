"""Powens's API over the sandbox world.

Written from https://docs.powens.com (API reference and integration guides, June 2026).
"""
