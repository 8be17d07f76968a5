// The list of lines: which became a bank transaction, and what the others wait for.
frappe.listview_settings["Sync Line"] = {
	add_fields: ["state", "reason", "bank_transaction", "currency"],
	hide_name_column: true,
	onload(listview) {
		banksync.show_columns(listview, ["date", "amount"]);
		banksync.show_on_phone(listview, ({ reason, amount, currency, date }) =>
			reason === "Refused" ? [] : [banksync.amount_words(amount, currency), frappe.datetime.str_to_user(date)]
		);
	},
	formatters: {
		// Of a row that could not be read, neither is known.
		date: (value, df, doc) => (doc.reason === "Refused" ? __("Not readable") : frappe.datetime.str_to_user(value)),
		amount: (value, df, doc) =>
			doc.reason === "Refused" ? "" : banksync.amount_words(value, doc.currency),
	},
	get_indicator(doc) {
		if (doc.reason === "Refused") return [__(doc.reason), "red", "reason,=,Refused"];
		if (doc.bank_transaction) return [__("Imported", null, "Sync Line"), "green", "bank_transaction,is,set"];
		const color = doc.state === "Booked" ? "orange" : doc.state === "Removed" ? "gray" : "blue";
		return [__(doc.state, null, "Sync Line"), color, `state,=,${doc.state}`];
	},
};
