"""`banksync`: the standalone site from the command line.

	banksync [--home FOLDER] COMMAND … [--json]

Every command prints its result to stdout and all other messages to stderr. Exit codes are those of
`dokos_banksync.core.errors`, 2 for a command that was not understood, 130 for Ctrl-C.
"""

from __future__ import annotations

import gc

import click

from dokos_banksync import __version__
from dokos_banksync.hosts.standalone.cli import (
	backup,
	bank_accounts,
	banks,
	connect,
	connection_group,
	export,
	file_import,
	institutions,
	link,
	listings,
	providers,
	review_commands,
	schedule,
	serve,
	status,
	sync,
)
from dokos_banksync.hosts.standalone.cli.session import Group, Session, add_common, command

_ALLOCATIONS = 100_000
"""New objects after which Python looks for unreachable cycles."""


@click.group(
	"banksync", cls=Group, help="Keeps bank accounts in step with your banks.", lists_exit_codes=True
)
@click.version_option(__version__, prog_name="banksync")
def banksync() -> None:
	"""The commands of the standalone site."""
	# A large import keeps many small objects, none of them in a cycle: looking for cycles after each 700 new ones
	# takes a sixth of its time.
	gc.freeze()
	gc.set_threshold(_ALLOCATIONS)


add_common(banksync)
banksync.add_command(providers.provider_group)

command(
	banksync,
	"institutions",
	"Banks of a provider, or of all, by name.",
	"banksync institutions bridge aurore --country FR",
)(institutions.institutions)
command(
	banksync,
	"connect",
	"Connect a bank on the provider's page, and wait for the return.",
	'banksync connect "Demo Bank" --provider bridge',
)(connect.connect)
command(
	banksync,
	"reconnect",
	"Renew a consent, or change the credentials or the accounts shared.",
	"banksync reconnect SYNC-CONN-00001",
)(connect.reconnect)
command(
	banksync,
	"disconnect",
	"End a consent. Transactions already imported stay.",
	"banksync disconnect SYNC-CONN-00001",
)(connect.disconnect)
banksync.add_command(connection_group.connection_group)
command(
	banksync,
	"status",
	"How everything stands: banks, balances, next runs, consents, quotas.",
	"banksync status",
)(status.status)
command(banksync, "connections", "Connections, their state and what to do.", "banksync connections")(
	connect.connections
)
command(banksync, "accounts", "Accounts at the banks, and the Bank Account each feeds.", "banksync accounts")(
	connect.accounts
)
command(
	banksync,
	"link",
	"Link a remote account to a Bank Account, which is created if needed; an empty name unlinks.",
	'banksync link SYNC-CONN-00001 48000101 "Current account" --from 2026-01-01',
)(link.link)
command(
	banksync,
	"sync",
	"Fetch transactions, of one connection or of all.",
	"banksync sync\nbanksync sync SYNC-CONN-00001 --dry-run\n"
	"banksync sync SYNC-CONN-00001 --apply KEY --leave-out ID\nbanksync sync --due",
)(sync.sync)
command(
	banksync,
	"schedule",
	"How often a connection is fetched by banksync sync --due.",
	"banksync schedule SYNC-CONN-00001 --every 6",
)(schedule.schedule)
command(
	banksync,
	"import",
	"Import statement files (OFX, CSV, XLSX), those of a folder, or standard input (-) into a Bank Account.",
	'banksync import statement.ofx --bank-account "Current account" --dry-run\n'
	'banksync import export.csv --bank-account "Current account" --column label=Motif --date-format DMY',
)(file_import.import_file)
command(banksync, "runs", "Synchronizations, the latest first.", "banksync runs --limit 5")(sync.runs)
command(
	banksync, "run", "One synchronization: counts, balance checks, error.", "banksync run SYNC-RUN-0000001"
)(sync.run)
command(
	banksync,
	"transactions",
	"Bank transactions, the latest first.",
	'banksync transactions --bank-account "Current account" --from 2026-01-01 --search rent',
)(listings.transactions)
command(
	banksync,
	"lines",
	"Rows received from banks, with the reason why a row has no bank transaction.",
	"banksync lines --held",
)(listings.lines)
review_commands.add_to(banksync)
command(banksync, "categories", "The tree of categories.", "banksync categories")(listings.categories)
banksync.add_command(banks.banks_group)
banksync.add_command(bank_accounts.bank_accounts_group)
command(
	banksync,
	"export",
	"Write transactions or categories as CSV, OFX, JSON lines, or a journal of hledger or beancount.",
	'banksync export --format ofx --bank-account "Current account" --from 2026-01-01 --output 2026.ofx\n'
	"banksync export categories --format csv",
)(export.export)
command(
	banksync,
	"backup",
	"Copy all data into one file, while the site is in use.",
	"banksync backup banksync-2026-11-20.db\nbanksync backup banksync-2026-11-20.db --with-key",
)(backup.backup)
command(
	banksync,
	"restore",
	"Replace all data by a backup; what was there before is copied first.",
	"banksync restore banksync-2026-11-20.db",
)(backup.restore)
command(banksync, "serve", "Show the pages in a browser, on this machine.", "banksync serve --port 8000")(
	serve.serve
)
command(
	banksync,
	"login",
	"Print an address that lets a browser into the running site, once.",
	"banksync login",
)(serve.login)
command(
	banksync,
	"sandbox",
	"Serve the sandbox bank on this machine, to try things out.",
	"banksync sandbox --port 8574 --seed 1",
)(serve.sandbox)
command(
	banksync,
	"demo",
	"Run the main job against the sandbox bank.",
	"banksync demo\nbanksync demo --serve",
)(serve.demo)


def main() -> None:
	"""The console command."""
	banksync(obj=Session(), prog_name="banksync")
