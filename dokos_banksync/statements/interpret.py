"""How a table is read: candidate readings are generated, and the one that the file proves is taken.

Each ambiguity (the column of the amount, the decimal mark, the meaning of the sign, a fee apart) doubles the
candidates. Running balances, or an opening and a closing balance, prove one of them. Where the file has none, words
decide that are known and unambiguous; what is still open raises a `ReadingQuestion`.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements import evidence, questions
from dokos_banksync.statements.amount_columns import amount_question, check_total
from dokos_banksync.statements.amount_lists import AmountList
from dokos_banksync.statements.amounts import MARKS, Money
from dokos_banksync.statements.candidates import Candidates
from dokos_banksync.statements.columns import Columns
from dokos_banksync.statements.contract import DECIMAL_MARK, NORMAL, UNSIGNED, Evidence, ReadingOptions
from dokos_banksync.statements.days import is_no_day
from dokos_banksync.statements.evidence import BalanceProof, Chain, Pairs
from dokos_banksync.statements.flows import ZERO, Amounts, Reading
from dokos_banksync.statements.grid import Row, written
from dokos_banksync.statements.kinds import by_kinds
from dokos_banksync.statements.mapping import Known
from dokos_banksync.statements.minus import minus_question
from dokos_banksync.statements.questions import Asker
from dokos_banksync.statements.roles import AMOUNT_PARTS, NO_COLUMN, Role, Setting, column_option
from dokos_banksync.statements.side_columns import check_labels, check_side_flags, check_sides, pair_question
from dokos_banksync.statements.vocabulary import label_side

_FIRST = 2_000
"""Rows on which candidates are compared; the chosen one is checked on all."""
_CLEAR = 0.6
"""Share of the balances that must follow for a reading to be right although some do not (rows may be missing)."""
_LEAD = 0.3


@dataclass(frozen=True)
class Choice:
	"""The reading that was chosen, its amounts, and what proves it."""

	reading: Reading
	amounts: AmountList
	chains: Mapping[str, Chain]
	"""By account and currency."""
	evidence: Evidence
	parsed: Amounts
	"""The cells of the columns of amounts."""


@dataclass(frozen=True)
class _Tried:
	reading: Reading
	amounts: AmountList
	proof: BalanceProof
	share: float
	first_break: int


class Interpreter:
	"""Chooses the reading of one table. `groups` names the account and currency of each row, `moved` whether its
	money moved; `controls` are pairs of an opening and a closing balance, text or number.
	"""

	def __init__(
		self,
		rows: Sequence[Row],
		known: Known,
		columns: Columns,
		asker: Asker,
		options: ReadingOptions,
		groups: Sequence[str],
		controls: Sequence[tuple[object, object]],
	) -> None:
		self.rows, self.known, self.columns, self.asker = rows, known, columns, asker
		self.groups, self.controls = groups, controls
		self.candidates = Candidates(rows, known, asker.titles, options)
		self.amounts = self.candidates.amounts
		self.sample = self.amounts if controls else Amounts(rows[:_FIRST])

	def choose(self) -> Choice:
		"""Return the reading. Raises `ReadingQuestion` where two are left, or none."""
		candidates = list(self.candidates.readings())
		if len(candidates) > 1:
			candidates = [self._decide(candidates)]
		chosen = candidates[0]
		amounts = self.amounts.signed(chosen)
		chains = self.chains(chosen, amounts)
		self._check_balances(chosen, chains)
		established_by = self._evidence(chosen, amounts, chains)
		if established_by is Evidence.NONE and not self.known.profile:
			check_sides(self.asker, self.known, self.rows, reading=chosen, amounts=amounts)
			if not self.known.said(Setting.SIGN, self.candidates.options.sign):
				check_side_flags(self.asker, self.rows, reading=chosen, amounts=amounts)
				check_labels(self.asker, self.rows[:_FIRST], reading=chosen, amounts=amounts)
			check_total(self.asker, self.known, chosen, self.sample)
		return Choice(
			reading=chosen, amounts=amounts, chains=chains, evidence=established_by, parsed=self.amounts
		)

	# decision

	def _decide(self, candidates: Sequence[Reading]) -> Reading:
		tried = [self._try(reading) for reading in candidates]
		proven = self._different([one for one in tried if one.proof is BalanceProof.PROVEN])
		if len(proven) == 1:
			return proven[0].reading
		if proven:
			return self._by_words(proven)
		silent = [one for one in tried if one.proof is BalanceProof.SILENT]
		return self._by_words(self._different(silent)) if silent else self._best(self._different(tried))

	def _try(self, reading: Reading) -> _Tried:
		amounts = self.sample.signed(reading)
		chains = self.chains(reading, amounts, self.sample)
		proofs = {chain.proof for chain in chains.values()}
		links = sum(chain.links for chain in chains.values())
		share = sum(chain.agreed for chain in chains.values()) / links if links else 0.0
		breaks = [one.row for chain in chains.values() for one in chain.breaks]
		proof = self._by_controls(reading, amounts)
		if BalanceProof.CONTRADICTED in proofs:
			proof = BalanceProof.CONTRADICTED
		elif BalanceProof.PROVEN in proofs:
			proof = BalanceProof.PROVEN
		return _Tried(
			reading=reading, amounts=amounts, proof=proof, share=share, first_break=min(breaks, default=0)
		)

	def chains(
		self, reading: Reading, amounts: AmountList, source: Amounts | None = None
	) -> dict[str, Chain]:
		"""Return what the running balances say, for each account and currency."""
		places: dict[str, array[int]] = {}
		for index, group in enumerate(islice(self.groups, len(amounts))):
			if group:
				places.setdefault(group, array("L")).append(index)
		if Role.BALANCE not in reading.roles:
			return dict.fromkeys(places, Chain(BalanceProof.SILENT))
		balances = (source or self.amounts).balances(reading)
		return {
			group: evidence.check(Pairs(amounts, balances, found)).at_rows(found)
			for group, found in places.items()
		}

	def _by_controls(self, reading: Reading, amounts: AmountList) -> BalanceProof:
		"""Whether the opening balance and the amounts make the closing balance."""
		if len(amounts) < len(self.rows) or len({group for group in self.groups if group}) != 1:
			return BalanceProof.SILENT
		total = ZERO
		for amount, group in zip(amounts, self.groups, strict=True):
			if group and not isinstance(amount, Decimal):
				return BalanceProof.SILENT
			if group and isinstance(amount, Decimal):
				total += amount
		mark = next(
			(reading.marks[reading.roles[role]] for role in AMOUNT_PARTS if role in reading.roles), "."
		)
		pairs = (
			(control_amount(opening, mark), control_amount(closing, mark))
			for opening, closing in self.controls
		)
		agrees = bool(total) and any(o is not None and o + total == c for o, c in pairs)
		return BalanceProof.PROVEN if agrees else BalanceProof.SILENT

	@staticmethod
	def _different(tried: Sequence[_Tried]) -> list[_Tried]:
		"""Return one of each set of candidates that give the same amounts."""
		found: dict[bytes, _Tried] = {}
		for one in tried:
			found.setdefault(one.amounts.digest(), one)
		return list(found.values())

	def _best(self, tried: Sequence[_Tried]) -> Reading:
		"""Return the candidate that most balances agree with, where it is far ahead of the others."""
		first, *rest = sorted(tried, key=lambda one: -one.share)
		if first.share >= _CLEAR and all(first.share - one.share >= _LEAD for one in rest):
			return first.reading
		raise self._balances_question(first.reading, first.first_break)

	def _balances_question(self, reading: Reading, index: int) -> InvalidData:
		row = self.rows[index].number if self.rows else 0
		return self.asker.columns_question(
			questions.BALANCES, reading.roles, (row,), (column_option(Role.BALANCE, NO_COLUMN),)
		)

	# words, where no balance decides

	def _by_words(self, tried: Sequence[_Tried]) -> Reading:
		left = [one.reading for one in tried]
		for narrow in (self._by_mark, self._by_fee, self._by_column, self._by_sign):
			if len(left) > 1:
				left = narrow(left)
		return left[0]

	def _by_mark(self, left: Sequence[Reading]) -> list[Reading]:
		marks = [self._flow_marks(reading) for reading in left]
		if len(set(marks)) == 1:
			return list(left)
		certain = {
			self.candidates.possible(p)[0]
			for p in self._flow_places(left[0])
			if len(self.candidates.possible(p)) == 1
		}
		certain -= {"."} if not any(self._shows_mark(p) for p in self._flow_places(left[0])) else set()
		said = self.known.said(Setting.DECIMAL, "") or (certain.pop() if len(certain) == 1 else "")
		fitting = [reading for reading, used in zip(left, marks, strict=True) if said and set(used) == {said}]
		if fitting:
			return fitting
		choices = [{Setting.DECIMAL: mark} for mark in MARKS]
		raise self.asker.ask(DECIMAL_MARK, suggested=self.asker.suggested(left[0].roles), choices=choices)

	def shows_decimals(self, choice: Choice) -> bool:
		"""Whether the amounts of a reading have a decimal mark."""
		return any(map(self._shows_mark, self._flow_places(choice.reading)))

	def _shows_mark(self, place: int) -> bool:
		return len(self.candidates.possible(place)) == 1 and any(
			m in t for t in self.columns.texts(place) for m in MARKS
		)

	@staticmethod
	def _flow_places(reading: Reading) -> list[int]:
		return [reading.roles[role] for role in AMOUNT_PARTS if role in reading.roles]

	def _flow_marks(self, reading: Reading) -> tuple[str, ...]:
		return tuple(
			reading.marks[place]
			for place in self._flow_places(reading)
			if len(self.candidates.possible(place)) > 1
		)

	def _by_fee(self, left: Sequence[Reading]) -> list[Reading]:
		with_fee = [reading for reading in left if Role.FEE in reading.roles]
		if not with_fee or len(with_fee) == len(left):
			return list(left)
		place = with_fee[0].roles[Role.FEE]
		title = self.asker.name(place)
		choices = [{Role.FEE: str(place + 1)}, {Role.FEE: NO_COLUMN}]
		suggested = self.asker.suggested(left[0].roles)
		answers = (column_option(Role.FEE, place + 1), column_option(Role.FEE, NO_COLUMN))
		raise self.asker.ask(questions.FEE, title, *answers, suggested=suggested, choices=choices)

	def _by_column(self, left: Sequence[Reading]) -> list[Reading]:
		places = sorted({reading.roles.get(Role.AMOUNT, -1) for reading in left})
		if len(places) == 1:
			return list(left)
		raise amount_question(self.asker, places, self.asker.suggested(left[0].roles))

	def _by_sign(self, left: Sequence[Reading]) -> list[Reading]:
		if any(reading.sign == UNSIGNED for reading in left):
			suggested = self.asker.suggested(left[0].roles)
			raise minus_question(self.asker, self.rows, self.sample, reading=left[0], suggested=suggested)
		if len(left) > 1 and Role.DIRECTION in left[0].roles:
			raise pair_question(self.asker, self.candidates.texts(left[0].roles[Role.DIRECTION]), left[0])
		left = by_kinds(left, self.known, self.rows, self.sample)
		normal = [reading for reading in left if reading.sign == NORMAL]
		if len(left) == 1 or (normal and (len(normal) == len(left) or self._words_agree(normal[0]))):
			return normal or left
		raise self.asker.sign_question(left[0].roles)

	def _words_agree(self, reading: Reading) -> bool:
		"""Whether the words of the labels agree with the signs, or nothing suggests the statement of a card.

		Without words, more amounts above zero than below are what a card shows that writes its purchases without a
		minus; a plus sign is written on no such statement.
		"""
		agree = against = income = out = in_ = 0
		for row, amount in zip(self.rows[:_FIRST], self.sample.signed(reading), strict=False):
			if isinstance(amount, Decimal) and amount and not self._is_rejected(row):
				said = self._label_side(row)
				agree += said * amount > 0
				against += said * amount < 0
				income += amount > 0 and said > 0
				out, in_ = out + (amount < 0), in_ + (amount > 0)
		if self._has_plus(reading):
			return against <= agree and not self.sample.plus_rows(reading.roles[Role.AMOUNT])
		if out and out < in_:
			return against < income
		if out:
			return against < agree or not against
		return agree == in_ and not against

	def _has_plus(self, reading: Reading) -> bool:
		place = reading.roles.get(Role.AMOUNT, -1)
		return any("+" in text for text in self.columns.texts(place)) if place >= 0 else False

	def _is_rejected(self, row: Row) -> bool:
		place = self.known.roles.get(Role.DATE, len(row.cells))
		return place < len(row.cells) and is_no_day(written(row.cells[place]))

	def _label_side(self, row: Row) -> int:
		roles = self.known.roles
		places = (roles[r] for r in (Role.LABEL, Role.DETAILS, Role.KIND, Role.PARTY) if r in roles)
		return label_side(" ".join(written(row.cells[p]) for p in places if p < len(row.cells)))

	# evidence

	def _check_balances(self, chosen: Reading, chains: Mapping[str, Chain]) -> None:
		links = sum(chain.links for chain in chains.values())
		agreed = sum(chain.agreed for chain in chains.values())
		proven = any(chain.proof is BalanceProof.PROVEN for chain in chains.values())
		if links and not proven and agreed < _CLEAR * links and Role.BALANCE not in self.known.given:
			breaks = [one.row for chain in chains.values() for one in chain.breaks]
			raise self._balances_question(chosen, min(breaks, default=0))

	def _evidence(self, chosen: Reading, amounts: AmountList, chains: Mapping[str, Chain]) -> Evidence:
		proofs = {chain.proof for chain in chains.values()}
		if proofs == {BalanceProof.PROVEN}:
			return Evidence.ROW_BALANCES
		if (
			self._by_controls(chosen, amounts) is BalanceProof.PROVEN
			and BalanceProof.CONTRADICTED not in proofs
		):
			return Evidence.OPENING_AND_CLOSING
		return Evidence.NONE


def control_amount(cell: object, mark: str) -> Decimal | None:
	"""Return the value of an opening or closing balance, None where it cannot be read."""
	if isinstance(cell, Decimal):
		return cell
	for tried in (mark, *MARKS):
		amounts = Amounts([Row(0, (str(cell),))])
		found = amounts.column(0, tried)[0]
		if isinstance(found, Money):
			return -abs(found.value) if found.side < 0 else found.value
	return None
