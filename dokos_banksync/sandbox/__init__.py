"""A sandbox bank world, served on loopback: institutions, users, accounts, years of movements, faults, a clock.

It is held to the providers' public documents, not to this app's own code, and imports none of it.
"""
