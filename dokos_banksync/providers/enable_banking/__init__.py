"""Enable Banking: European banks through one API. https://enablebanking.com/docs/api/reference/"""

from dokos_banksync.providers.enable_banking.provider import EnableBankingProvider

__all__ = ["EnableBankingProvider"]
