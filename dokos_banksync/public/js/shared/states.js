// What the form scripts share: the one action that a state asks for, who may take it, and what it does.
frappe.provide("banksync");

// The actions that the states of `banksync.STATES` ask for.
banksync.ACTIONS = {
	connect: { label: () => __("Connect your bank"), run: (row) => banksync.connect_dialog(row.bank) },
	reconnect: { label: () => __("Reconnect"), run: (row) => banksync.reconnect(row.name) },
	fetch: { label: () => __("Fetch transactions"), run: (row) => banksync.fetch({ connection: row.name }) },
	wait: { label: () => __("Check again"), run: (row) => banksync.fetch_accounts(row.name) },
	configure: {
		label: () => __("Open the provider"),
		run: (row) => frappe.set_route("Form", "Sync Provider", row.provider),
	},
};

banksync.color = ({ status }) => banksync.STATES[status].color;

banksync.action = ({ status }) => banksync.ACTIONS[banksync.STATES[status].action];

// One action of a connection at a time, from whichever button of whichever page.
banksync.rows_at_work ??= {};
banksync.run_action = (row) => banksync.once((banksync.rows_at_work[row.name] ??= {}), () => banksync.action(row).run(row));

// What the person's roles allow, as the server will judge it. Some create nothing from a list, and connect all the same.
banksync.may_connect = () => {
	const { can_create, in_create } = frappe.boot.user;
	return [...can_create, ...in_create].includes("Sync Connection");
};

banksync.may_manage = () => frappe.model.can_write("Sync Connection");

// To read bank transactions is not enough to make or take away some.
banksync.may_decide = () => frappe.model.can_write("Bank Transaction") || banksync.may_manage();

banksync.may_act = ({ status }) => {
	const { action } = banksync.STATES[status];
	if (action === "connect") return banksync.may_connect();
	return action === "fetch" || banksync.may_manage();
};

banksync.amount_words = (amount, currency) => format_currency(amount, currency, banksync.decimals(currency));

// As many decimals as the currency has; a host's own default may be those of its quantities.
banksync.decimals = (currency) => {
	try {
		const style = { style: "currency", currency };
		return new Intl.NumberFormat("en", style).resolvedOptions().maximumFractionDigits;
	} catch {
		return 2; // no code of ISO 4217
	}
};
