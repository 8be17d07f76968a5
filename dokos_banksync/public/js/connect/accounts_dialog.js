// "Update bank accounts": which Bank Account each account at the bank feeds, and from which day on.
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
		size: "large",
		fields: banksync.accounts_fields(choices),
		primary_action_label: __("Confirm and import"),
		primary_action: (values) => banksync.save_accounts(dialog, bank, choices, values),
	});
	dialog.show();
	return dialog;
};

banksync.accounts_fields = ({ accounts, bank_accounts }) => [
	{
		fieldname: "intro",
		fieldtype: "HTML",
		options: `<p class="text-muted">${__(
			"Choose for each account at your bank where its transactions go. Nothing is imported twice."
		)}</p>`,
	},
	...accounts.flatMap((account, index) => banksync.account_fields(account, index, bank_accounts)),
];

// The Desk shows labels as HTML.
banksync.plain = (text) => text.replaceAll("<", "‹");

banksync.account_fields = (account, index, bank_accounts) => {
	const target = `target_${index}`;
	return [
		{ fieldname: `section_${index}`, fieldtype: "Section Break", label: banksync.plain(account.account_name) },
		{ fieldname: `about_${index}`, fieldtype: "HTML", options: banksync.about_account(account) },
		{
			fieldname: target,
			fieldtype: "Select",
			label: __("Bank Account"),
			options: banksync.targets(account, bank_accounts),
			default: account.bank_account || (account.enabled ? banksync.NEW_ACCOUNT : banksync.NOT_IMPORTED),
		},
		{
			fieldname: `name_${index}`,
			fieldtype: "Data",
			label: __("Name of the new Bank Account"),
			default: account.suggested_name,
			depends_on: (values) => values[target] === banksync.NEW_ACCOUNT,
		},
		...banksync.chart_field(account, index, target),
		{ fieldname: `column_${index}`, fieldtype: "Column Break" },
		{
			fieldname: `start_${index}`,
			fieldtype: "Date",
			label: __("Import from"),
			default: account.start_date || "",
			description: account.note,
			depends_on: (values) => Boolean(values[target]),
		},
	];
};

// Where the host keeps a chart of accounts, a new Bank Account stands on one of its accounts.
banksync.chart_field = ({ chart, currency }, index, target) =>
	chart
		? [
				{
					fieldname: `account_${index}`,
					fieldtype: "Select",
					label: __("Account in the chart of accounts"),
					options: [
						{ value: "", label: __("Create one for it, in {0}", [currency]) },
						...chart.map((name) => ({ value: name, label: name })),
					],
					default: "",
					depends_on: (values) => values[target] === banksync.NEW_ACCOUNT,
				},
			]
		: [];

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
	const facts = [iban || __("no IBAN"), account.currency, balance];
	if (!account.enabled) facts.push(__("not shared with this site"));
	if (account.failed) facts.push(__("the bank did not give it last time"));
	return `<p>${facts.map(frappe.utils.escape_html).join(" · ")}</p>`;
};

banksync.read_choices = (accounts, values) =>
	accounts.map((account, index) => {
		const target = values[`target_${index}`] || banksync.NOT_IMPORTED;
		const is_new = target === banksync.NEW_ACCOUNT;
		return {
			source: account.source,
			bank_account: is_new ? (values[`name_${index}`] || "").trim() : target,
			is_new,
			account: (is_new && values[`account_${index}`]) || "",
			start_date: (target && values[`start_${index}`]) || null,
		};
	});

banksync.save_accounts = async (dialog, bank, { accounts }, values) => {
	const choices = banksync.read_choices(accounts, values);
	if (choices.some((choice) => choice.is_new && !choice.bank_account)) {
		frappe.show_alert({ message: __("Give each new Bank Account a name."), indicator: "orange" });
		return;
	}
	dialog.disable_primary_action();
	try {
		const args = { bank, choices: JSON.stringify(choices) };
		banksync.await_run(await frappe.xcall("dokos_banksync.api.accounts.update_accounts", args));
		dialog.hide();
	} finally {
		dialog.enable_primary_action();
	}
};
