// The table of "Update bank accounts": a row for each account at the bank.
frappe.provide("banksync");

banksync.accounts_table = ({ accounts, bank_accounts }) => {
	const heads = [__("Account at the bank"), __("Bank Account"), __("Import from")];
	return `<p class="text-muted">${__(
		"Choose for each account at your bank where its transactions go. Nothing is imported twice."
	)}</p>
	<div class="table-responsive scroll"><table class="table table-sm stack banksync-accounts">
		<thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join("")}</tr></thead>
		<tbody>${accounts.map((account) => banksync.account_row(account, bank_accounts)).join("")}</tbody>
	</table></div>`;
};

banksync.account_row = (account, bank_accounts) => {
	const esc = frappe.utils.escape_html;
	const name = esc(account.account_name);
	const label = (text) => `aria-label="${__("{0}: {1}", [text, name])}"`;
	// Once the accounts of a connection were chosen, those that were left out stay so until the user chooses otherwise.
	const unlinked = account.enabled && !account.chosen_before ? banksync.NEW_ACCOUNT : banksync.NOT_IMPORTED;
	const chosen = account.bank_account || unlinked;
	const chart = account.chart
		? `<select class="form-control mt-2" data-field="account" ${label(__("Account in the chart of accounts"))}>
			${banksync.options(banksync.chart_options(account), "")}</select>`
		: "";
	return `<tr data-source="${esc(account.source)}">
		<th scope="row" class="font-weight-normal"><b>${name}</b>${banksync.about_account(account)}</th>
		<td data-label="${__("Bank Account")}">
			<div class="w-100"><select class="form-control" data-field="target" ${label(__("Bank Account"))}>
				${banksync.options(banksync.targets(account, bank_accounts), chosen)}</select>
			${banksync.account_evidence(account)}
			<div data-new>
				<input type="text" class="form-control mt-2" data-field="name" value="${esc(account.suggested_name)}"
					${label(__("Name of the new Bank Account"))}>
				${chart}
			</div></div>
		</td>
		<td data-label="${__("Import from")}">
			<div class="w-100">
			<input type="date" class="form-control" data-field="start" value="${esc(account.start_date || "")}" ${label(__("Import from"))}>
			<div class="small text-muted" data-note>${esc(account.note)}</div></div>
		</td>
	</tr>`;
};

// Why the account may belong to a Bank Account that exists: the best evidence in one line, the others on demand.
banksync.account_evidence = ({ candidates, bank_account }) => {
	if (!candidates.length) return "";
	const esc = frappe.utils.escape_html;
	const [first, ...others] = candidates.map((one) =>
		esc(one.bank_account === bank_account ? one.evidence : __("{0}: {1}", [one.bank_account, one.evidence]))
	);
	if (!others.length) return `<div class="small text-muted mt-1">${first}</div>`;
	const rest = others.map((text) => `<div>${text}</div>`).join("");
	return `<div class="small text-muted mt-1">${first}<details><summary>${__("More evidence")}</summary>${rest}</details></div>`;
};

banksync.options = (options, chosen) =>
	options
		.map(({ value, label }) => {
			const [text, shown] = [value, label].map(frappe.utils.escape_html);
			return `<option value="${text}" ${value === chosen ? "selected" : ""}>${shown}</option>`;
		})
		.join("");

// Where the host keeps a chart of accounts, a new Bank Account stands on one of its accounts.
banksync.chart_options = ({ chart, currency }) => [
	{ value: "", label: __("Create one for it, in {0}", [currency]) },
	...chart.map((name) => ({ value: name, label: name })),
];

// The name and the day are asked for only where they count.
banksync.listen_to_account = (row) => {
	const target = row.querySelector("[data-field=target]");
	const show = () => {
		row.querySelector("[data-new]").hidden = target.value !== banksync.NEW_ACCOUNT;
		["[data-field=start]", "[data-note]"].forEach((one) => {
			row.querySelector(one).hidden = target.value === banksync.NOT_IMPORTED;
		});
	};
	target.addEventListener("change", show);
	show();
};

banksync.targets = (account, bank_accounts) => [
	{ value: banksync.NOT_IMPORTED, label: __("Do not import") },
	{ value: banksync.NEW_ACCOUNT, label: __("New…") },
	...bank_accounts
		.filter(({ currency }) => currency === account.currency)
		.filter(({ company }) => !company || !account.company || company === account.company)
		.map(({ name }) => ({ value: name, label: name })),
];

banksync.about_account = (account) => {
	const balance =
		account.balance === null
			? __("balance not known")
			: __("balance {0}", [format_currency(Number(account.balance), account.currency, banksync.decimals(account.currency))]);
	const iban = account.iban.replace(/(.{4})(?=.)/g, "$1 ");
	const facts = [iban || __("no IBAN"), balance];
	if (!account.enabled) facts.push(__("not shared with this site"));
	if (account.failed) facts.push(__("the bank did not give it last time"));
	return facts.map((fact) => `<div class="small text-muted">${frappe.utils.escape_html(fact)}</div>`).join("");
};
