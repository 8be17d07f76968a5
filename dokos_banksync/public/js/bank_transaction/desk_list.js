// The list of bank transactions on a Desk: day, amounts and description on any screen.
banksync.show_money = (settings) => {
	if (settings.banksync_money) return;
	const { onload } = settings;
	settings.banksync_money = true;
	settings.onload = (listview) => {
		onload?.call(settings, listview);
		banksync.show_columns(listview, ["deposit", "withdrawal", "credit", "debit", "description"]);
	};
};

banksync.show_money(frappe.listview_settings["Bank Transaction"]);
