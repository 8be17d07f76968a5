// The Bank Transaction form: where it comes from.
frappe.provide("banksync");

frappe.ui.form.on("Bank Transaction", {
	refresh(frm) {
		if (frm.is_new()) return;
		banksync.add_button(frm, __("Where it comes from"), () => banksync.explain_transaction(frm.doc.name));
	},
});
