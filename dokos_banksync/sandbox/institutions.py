"""The invented banks of the sandbox world, and what is special about some of them."""

from __future__ import annotations

from dataclasses import dataclass

DEMO_BANK = 574
"""The id of Demo Bank at Bridge: https://docs.bridgeapi.io/docs/test-the-bridge-connect"""


@dataclass(frozen=True)
class Institution:
	"""One bank as its customers and providers meet it.

	`dates` says which dates it tells beside the one that counts: "all", "none", or "transaction" (the
	date that counts is then the day of the purchase). `sms_code`: a login is followed by a code.
	`needs_user_present`: it refuses every fetch without its customer. `down`: it answers nobody.
	`slow_history`: right after a consent it gives 30 days, the rest with the next fetch.
	"""

	id: int
	name: str
	country: str
	group: str | None = None
	region: str = "france"
	segments: tuple[str, ...] = ("b2c", "b2b")
	keywords: tuple[str, ...] = ()
	capabilities: tuple[str, ...] = ("aggregation", "single_payment")
	beta: bool = False
	down: bool = False
	sms_code: bool = False
	needs_user_present: bool = False
	slow_history: bool = False
	dates: str = "all"
	color: str = "#27496d"

	@property
	def bank_code(self) -> int:
		"""Return the bank's code in IBANs."""
		return 90000 + self.id


ALL = (
	Institution(DEMO_BANK, "Demo Bank", "FR", "Demo", keywords=("demo", "test")),
	Institution(601, "Banque Aurore", "FR", "Aurore", keywords=("aurore", "pro"), color="#b3541e"),
	Institution(602, "Caisse du Ponant", "FR", "Ponant", region="bretagne", sms_code=True, color="#1b6f6a"),
	Institution(603, "Crédit Lavandière", "FR", needs_user_present=True, color="#5d4a8c"),
	Institution(604, "Banque des Trois Rivières", "FR", down=True, color="#2d6a94"),
	Institution(605, "Papillon Néobanque", "FR", "Papillon", beta=True, color="#8c1d5b"),
	Institution(606, "Comptoir Méridional", "FR", region="provence", dates="none", color="#8a5a00"),
	Institution(607, "Union Bocagère", "FR", "Union des Bocages", slow_history=True, color="#3b6b2f"),
	Institution(608, "Société de Banque du Vexin", "FR", "Aurore", dates="transaction", color="#46505a"),
	Institution(620, "Zilverduin Bank", "NL", region="nederland", color="#6b5b00"),
	Institution(621, "Spaarkas Lindeveld", "BE", region="vlaanderen", segments=("b2c",), color="#7a2e2e"),
	Institution(622, "Banco Almendro", "ES", region="espana", color="#9a3b00"),
	Institution(623, "Banca Pietralunga", "IT", region="italia", color="#23633f"),
	Institution(624, "Sternwald Bank", "DE", region="deutschland", segments=("b2b",), color="#33415c"),
	Institution(625, "Banque de l'Écluse", "LU", "Écluse", region="luxembourg", color="#006080"),
	Institution(626, "Mühlental Zahldienst", "DE", region="deutschland", capabilities=("single_payment",)),
)

ABROAD = (
	Institution(109508, "First Platypus Bank", "US", region="united states", color="#1f1f1f"),
	Institution(109512, "Houndstooth Bank", "US", region="united states", sms_code=True, color="#5a2f6b"),
	Institution(109511, "Tartan Bank", "US", region="united states", down=True, color="#7a1f1f"),
)
"""Banks outside Europe, which only some of the providers list. Names and ids are those of Plaid's own sandbox."""
