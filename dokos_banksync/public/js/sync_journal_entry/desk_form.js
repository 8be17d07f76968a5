// The form of a journal entry on a Frappe Desk: its note in the user's language.
frappe.ui.form.on("Sync Journal Entry", {
	refresh(frm) {
		banksync.show_message(frm, "note");
	},
});
