// The Sync Line form: why it is a bank transaction, or none.
frappe.provide("banksync");

frappe.ui.form.on("Sync Line", {
	refresh(frm) {
		if (frm.is_new()) return;
		banksync.add_button(frm, __("Why"), () => banksync.explain_line(frm.doc.name));
	},
});
