// The Sync Run form: what started it in words, and the balance checks as a table.
frappe.ui.form.on("Sync Run", {
	refresh(frm) {
		frm.fields_dict.trigger.df.formatter = () => banksync.trigger_words(frm.doc);
		frm.refresh_field("trigger");
		banksync.show_message(frm, "error_message");
		frm.get_field("checks_table").$wrapper.html(checks_table(frm.doc));
	},
});

function checks_table({ checks }) {
	const rows = typeof checks === "string" ? JSON.parse(checks || "[]") : checks || [];
	if (!rows.length) return `<p class="text-muted">${__("No balance was compared with the bank's.")}</p>`;
	const heads = [
		__("Bank Account"),
		[__("Opening balance")],
		[__("Movements")],
		[__("Balance at the bank")],
		[__("Difference")],
	];
	return banksync.table(heads, rows.map(check_row));
}

function check_row({ bank_account, currency, opening, movements, bank_balance, difference }) {
	const amounts = [opening, movements, bank_balance, difference];
	return [banksync.esc(bank_account), ...amounts.map((amount) => banksync.money(amount, currency))];
}
