"""Bridge's API v3 and its Connect pages, as documented at https://docs.bridgeapi.io (version 2025-01-15)."""
