// The list of bank transactions on a Desk: day, amounts and description on any screen.
banksync.show_money = (settings) => {
	if (settings.banksync_money) return;
	const { onload, formatters = {} } = settings;
	settings.banksync_money = true;
	settings.add_fields = [...(settings.add_fields || []), "date", "currency", "description"];
	settings.formatters = { bank_account: banksync.row_title, ...formatters };
	settings.onload = (listview) => {
		onload?.call(settings, listview);
		banksync.show_columns(listview, ["deposit", "withdrawal", "credit", "debit", "description"]);
	};
};

banksync.show_money(frappe.listview_settings["Bank Transaction"]);
