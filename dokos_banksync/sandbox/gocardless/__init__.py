"""GoCardless's side of the sandbox world, written from its OpenAPI document (Bank Account Data API 2.0)."""

from dokos_banksync.sandbox.gocardless.face import GoCardlessFace

__all__ = ["GoCardlessFace"]
