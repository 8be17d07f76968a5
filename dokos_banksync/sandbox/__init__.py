"""A sandbox bank world, served on loopback: institutions, users, accounts, years of movements, faults, a clock.

It is held to the providers' public documents, not to the connectors of this app, and imports none of them.
"""
