"""Bridge (https://docs.bridgeapi.io), account information, API version 2025-01-15 under /v3."""

from dokos_banksync.providers.bridge.provider import BridgeProvider

__all__ = ["BridgeProvider"]
