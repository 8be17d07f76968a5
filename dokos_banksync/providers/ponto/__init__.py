"""Ponto: Belgian, Dutch, French and other banks. https://documentation.ibanity.com/ponto-connect/"""

from dokos_banksync.providers.ponto.provider import PontoProvider

__all__ = ["PontoProvider"]
