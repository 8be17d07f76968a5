// "Update bank accounts": which Bank Account each account at the bank feeds, and from which day on. A row per account.
frappe.provide("banksync");

banksync.NOT_IMPORTED = "";
banksync.NEW_ACCOUNT = "__new__";

banksync.accounts_dialog = async (bank) => {
	const choices = await frappe.xcall("dokos_banksync.api.accounts.account_choices", { bank });
	if (!choices.accounts.length) {
		frappe.msgprint(__("This bank shares no account yet. Connect it first."));
		return undefined;
	}
	const dialog = new frappe.ui.Dialog({
		title: __("Update bank accounts"),
		size: "extra-large",
		fields: [{ fieldname: "accounts", fieldtype: "HTML" }],
		primary_action_label: __("Confirm and import"),
		primary_action: () => banksync.save_accounts(dialog, bank),
	});
	dialog.candidates = Object.fromEntries(choices.accounts.map(({ source, candidates }) => [source, candidates]));
	const place = dialog.fields_dict.accounts.wrapper;
	place.innerHTML = banksync.accounts_table(choices);
	place.querySelectorAll("[data-source]").forEach(banksync.listen_to_account);
	dialog.show();
	place.querySelector("select").focus();
	return dialog;
};

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
	const label = (text) => `aria-label="${text}: ${name}"`;
	const chosen = account.bank_account || (account.enabled ? banksync.NEW_ACCOUNT : banksync.NOT_IMPORTED);
	const chart = account.chart
		? `<select class="form-control mt-2" data-field="account" ${label(__("Account in the chart of accounts"))}>
			${banksync.options(banksync.chart_options(account), "")}</select>`
		: "";
	return `<tr data-source="${esc(account.source)}">
		<th scope="row" class="font-weight-normal"><b>${name}</b>${banksync.about_account(account)}</th>
		<td data-label="${__("Bank Account")}">
			<div class="w-100"><select class="form-control" data-field="target" ${label(__("Bank Account"))}>
				${banksync.options(banksync.targets(account, bank_accounts), chosen)}</select>
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

banksync.options = (options, chosen) =>
	options
		.map(({ value, label }) => {
			const [text, told] = [value, label].map(frappe.utils.escape_html);
			return `<option value="${text}" ${value === chosen ? "selected" : ""}>${told}</option>`;
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
			? __("balance not given")
			: __("balance {0}", [format_currency(Number(account.balance), account.currency, banksync.decimals(account.currency))]);
	const iban = account.iban.replace(/(.{4})(?=.)/g, "$1 ");
	const facts = [iban || __("no IBAN"), balance];
	if (!account.enabled) facts.push(__("not shared with this site"));
	if (account.failed) facts.push(__("the bank did not give it last time"));
	return facts.map((fact) => `<div class="small text-muted">${frappe.utils.escape_html(fact)}</div>`).join("");
};

banksync.read_choices = (place) =>
	[...place.querySelectorAll("[data-source]")].map((row) => {
		const value = (field) => (row.querySelector(`[data-field=${field}]`)?.value || "").trim();
		const target = value("target");
		const is_new = target === banksync.NEW_ACCOUNT;
		return {
			source: row.dataset.source,
			bank_account: is_new ? value("name") : target,
			is_new,
			account: is_new ? value("account") : "",
			confirmed: true, // asked before, see confirm_new_accounts
			start_date: (target && value("start")) || null,
		};
	});

// A new Bank Account beside one that the account may belong to would hold everything a second time: asked, once for all.
banksync.confirm_new_accounts = (dialog, choices) => {
	const equal = choices
		.filter(({ is_new }) => is_new)
		.map(({ source, bank_account }) => ({ bank_account, found: dialog.candidates[source]?.[0] }))
		.filter(({ found }) => found);
	if (!equal.length) return Promise.resolve(true);
	const esc = frappe.utils.escape_html;
	const told = equal.map(({ bank_account, found }) =>
		esc(__("{0}: {1} may be the same account ({2})", [bank_account, found.bank_account, found.evidence]))
	);
	const question = __("Make new Bank Accounts all the same? What the existing ones hold would be imported again.");
	return new Promise((resolve) =>
		frappe.confirm(`<p>${told.join("<br>")}</p><p>${question}</p>`, () => resolve(true), () => resolve(false))
	);
};

banksync.save_accounts = async (dialog, bank) => {
	const choices = banksync.read_choices(dialog.fields_dict.accounts.wrapper);
	if (choices.some((choice) => choice.is_new && !choice.bank_account)) {
		frappe.show_alert({ message: __("Give each new Bank Account a name."), indicator: "orange" });
		return;
	}
	if (!(await banksync.confirm_new_accounts(dialog, choices))) return;
	dialog.disable_primary_action();
	try {
		const args = { bank, choices: JSON.stringify(choices) };
		banksync.await_run(await frappe.xcall("dokos_banksync.api.accounts.update_accounts", args));
		dialog.hide();
	} finally {
		dialog.enable_primary_action();
	}
};
