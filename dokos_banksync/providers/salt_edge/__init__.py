"""Salt Edge's Account Information API, version 6: https://docs.saltedge.com/v6/"""

from dokos_banksync.providers.salt_edge.provider import SaltEdgeProvider

__all__ = ["SaltEdgeProvider"]
