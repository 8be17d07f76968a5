// The list of bank transactions on a Desk: day, amounts and description on any screen.
banksync.show_money = (settings) => {
	if (settings.banksync_money) return;
	const { onload } = settings;
	settings.banksync_money = true;
	settings.onload = (listview) => {
		onload?.call(settings, listview);
		banksync.show_columns(listview, ["deposit", "withdrawal", "credit", "debit", "description"]);
		banksync.show_on_phone(listview, banksync.transaction_facts);
	};
};

// The first column is the host's title, the bank account: on a phone it would hide the money.
banksync.transaction_facts = (doc) => {
	const pairs = [["deposit", "withdrawal"], ["credit", "debit"]];
	if (!pairs.some((pair) => pair.every((name) => doc[name] !== undefined))) return []; // half of a pair would be wrong
	const amount = (doc.deposit || doc.credit || 0) - (doc.withdrawal || doc.debit || 0);
	return [banksync.amount_words(amount, doc.currency), frappe.datetime.str_to_user(doc.date), doc.description];
};

banksync.show_money(frappe.listview_settings["Bank Transaction"]);
