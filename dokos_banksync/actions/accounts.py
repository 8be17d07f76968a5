"""Bank accounts: which remote account feeds which, and what the form of one offers."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import chain, count
from typing import Any, NamedTuple

from dokos_banksync.actions import missing, runs
from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.connections import live_connections
from dokos_banksync.actions.context import RequestContext
from dokos_banksync.core.connection.connect import Choice, Proposal, exists
from dokos_banksync.core.errors import ConfirmationRequired, InvalidData, NotFound
from dokos_banksync.core.records import BankAccountRecord, ConnectionRecord
from dokos_banksync.core.review.reversed_signs import reversed_rows

HIDDEN = "It may belong to a bank account that you may not see: ask the user who manages it"


class Chosen(NamedTuple):
	"""A choice of the dialog; `is_new` when the Bank Account is to be made."""

	choice: Choice
	is_new: bool


def account_choices(context: RequestContext, given: Arguments) -> object:
	"""Return what Update bank accounts shows: each remote account, and the Bank Accounts to which it may be linked."""
	bank = given.text("bank")
	return offer(context, bank, live_connections(context, bank))


def update_accounts(context: RequestContext, given: Arguments) -> object:
	"""Link remote accounts to Bank Accounts, then import in the background."""
	chosen, bank = read_choices(given.text("choices")), given.text("bank")
	connections = live_connections(context, bank)
	link(context, bank, connections, chosen)
	return runs.start(context, live_connections(context, bank))


def account_review(context: RequestContext, given: Arguments) -> object:
	"""Return what the form of a Bank Account offers."""
	account = given.text("bank_account")
	context.see("Bank Account", account)
	connections = [record.name for record in missing.feeding_connections(context, account)]
	ledger = context.site.ledger
	return {
		"bank_account": account,
		"connections": connections,
		"questions": len(ledger.questions(account)),
		"reversed_signs": len(reversed_rows(ledger, account)),
	}


def offer(context: RequestContext, bank: str, connections: Sequence[ConnectionRecord]) -> dict[str, object]:
	"""Return each remote account of the connections, and the Bank Accounts it may feed."""
	behind = f" - {bank}"
	suffix = "" if context.names_include_bank else behind
	taken = {account.name for account in context.site.ledger.bank_accounts()}
	taken |= {name.removesuffix(behind) for name in taken} if context.names_include_bank else set()
	rows = []
	for record in connections:
		chosen = any(one.bank_account and not one.gone for one in context.site.ledger.accounts(record.name))
		for proposal in _proposals(context, record):
			name = _new_name(context, f"{proposal.remote.account_name}{suffix}", taken, behind)
			taken.add(name)
			rows.append({**_row(context, record, proposal), "suggested_name": name, "chosen_before": chosen})
	return {"accounts": rows, "bank_accounts": [_target(one) for one in context.bank_accounts(bank)]}


def _proposals(context: RequestContext, record: ConnectionRecord) -> list[Proposal]:
	"""Return the proposals for a connection, without the Bank Accounts that the user may not see."""
	hidden = {account.name for account in context.site.ledger.bank_accounts()}
	hidden -= {account.name for account in context.bank_accounts("")}
	return [_without_hidden(one, hidden) for one in context.site.proposals(record.name)]


def _without_hidden(proposal: Proposal, hidden: Collection[str]) -> Proposal:
	candidates = [one for one in proposal.candidates if one.bank_account not in hidden]
	if len(candidates) == len(proposal.candidates):
		return proposal
	left = proposal._replace(candidates=candidates, note=HIDDEN, hidden=True)
	return left._replace(bank_account="", start_date=None) if proposal.bank_account in hidden else left


def _new_name(context: RequestContext, wanted: str, taken: set[str], behind: str) -> str:
	"""Return a free name: not that of a closed Bank Account either, which is not offered."""
	ledger, ends = context.site.ledger, ("", behind) if context.names_include_bank else ("",)
	name = free_name(wanted, taken)
	while any(exists(ledger, f"{name}{end}") for end in ends):
		taken.add(name)
		name = free_name(wanted, taken)
	return name


def free_name(wanted: str, taken: Collection[str]) -> str:
	"""Return the wanted name, followed by a number if it is taken."""
	numbered = (f"{wanted} {number}" for number in count(2))
	return next(name for name in chain([wanted], numbered) if name not in taken)


def _target(account: BankAccountRecord) -> dict[str, str]:
	return {"name": account.name, "currency": account.currency, "company": account.company}


def _row(context: RequestContext, record: ConnectionRecord, proposal: Proposal) -> dict[str, object]:
	remote = proposal.remote
	return {
		"source": proposal.source,
		"connection": record.name,
		"company": record.company,
		"account_name": remote.account_name,
		"kind": remote.kind,
		"iban": remote.iban,
		"currency": remote.currency,
		"balance": None if remote.balance is None else str(remote.balance),
		"enabled": remote.enabled,
		"failed": remote.failed,
		"bank_account": proposal.bank_account,
		"start_date": proposal.start_date.isoformat() if proposal.start_date else None,
		"note": context.translations.message(proposal.note),
		"candidates": [
			{"bank_account": one.bank_account, "evidence": context.translations.message(one.evidence)}
			for one in proposal.candidates
		],
		"chart": context.chart(record.company, remote.currency),
	}


def read_choices(text: str) -> list[Chosen]:
	"""Parse the dialog's choices from JSON text. Raises `InvalidData` for anything else."""
	try:
		rows = json.loads(text)
		return [_read_choice(row) for row in (rows if isinstance(rows, list) else [rows])]
	except (AttributeError, KeyError, TypeError, ValueError) as error:
		raise InvalidData("The choice of accounts cannot be read: open the dialog again") from error


def _read_choice(row: dict[str, Any]) -> Chosen:
	start = date.fromisoformat(row["start_date"]) if row.get("start_date") else None
	target, account = str(row["bank_account"]).strip(), str(row.get("account") or "").strip()
	confirmed = bool(row.get("confirmed", True))
	return Chosen(
		Choice(
			source=str(row["source"]),
			bank_account=target,
			start_date=start,
			account=account,
			confirmed=confirmed,
		),
		bool(row.get("is_new")),
	)


def link(
	context: RequestContext, bank: str, connections: Sequence[ConnectionRecord], chosen: Sequence[Chosen]
) -> None:
	"""Link the remote accounts as chosen. Raise `NotFound` for an account that the user was not offered."""
	proposals = {p.source: (record, p) for record in connections for p in _proposals(context, record)}
	if unknown := [one.choice.source for one in chosen if one.choice.source not in proposals]:
		raise NotFound("The bank no longer shares the account {0}: open the dialog again", unknown[0])
	_check_targets(context, bank, {p.bank_account for _, p in proposals.values()}, chosen)
	_check_hidden({source: p for source, (_, p) in proposals.items()}, chosen)
	_check_accounts(context, proposals, chosen)
	# A new connection takes the links of a taken-over one, whose own choices must not bring them back afterwards.
	for record in sorted(connections, key=lambda one: not one.takeover):
		own = [one.choice for one in chosen if proposals[one.choice.source][0] is record]
		context.site.link(record.name, own)


def _check_targets(
	context: RequestContext, bank: str, linked: Collection[str], chosen: Sequence[Chosen]
) -> None:
	"""A name typed for a new account must not reach one that exists, which may be another company's."""
	held = {account.name for account in context.site.ledger.bank_accounts()}
	offered = {account.name for account in context.bank_accounts(bank)} | set(linked) | {""}
	for choice, is_new in chosen:
		target = choice.bank_account
		if is_new and target in held and target not in linked:
			raise InvalidData("There is a bank account {0} already: choose another name", target)
		if not is_new and target not in offered:
			raise NotFound("There is no bank account {0}: see the list of bank accounts", target)


def _check_hidden(proposals: Mapping[str, Proposal], chosen: Sequence[Chosen]) -> None:
	"""Raise `ConfirmationRequired` for a new Bank Account beside one that the user may not see.

	The core would ask with the name of the Bank Account that the user may not see.
	"""
	for choice, is_new in chosen:
		proposal = proposals[choice.source]
		if is_new and proposal.hidden and not choice.confirmed:
			raise ConfirmationRequired(
				"{0} may belong to a bank account that you may not see: confirm that {1} is a new one",
				proposal.remote.account_name,
				choice.bank_account,
			)


def _check_accounts(
	context: RequestContext, proposals: dict[str, tuple[ConnectionRecord, Proposal]], chosen: Sequence[Chosen]
) -> None:
	for choice in (one.choice for one in chosen if one.choice.account):
		record, proposal = proposals[choice.source]
		if choice.account not in (context.chart(record.company, proposal.remote.currency) or ()):
			raise NotFound("The account {0} cannot be chosen here: open the dialog again", choice.account)
