"""GoCardless Bank Account Data (formerly Nordigen). https://developer.gocardless.com/bank-account-data/"""

from dokos_banksync.providers.gocardless.provider import GoCardlessProvider

__all__ = ["GoCardlessProvider"]
