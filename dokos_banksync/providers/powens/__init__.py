"""Powens as a provider. https://docs.powens.com"""

from dokos_banksync.providers.powens.provider import PowensProvider

__all__ = ["PowensProvider"]
