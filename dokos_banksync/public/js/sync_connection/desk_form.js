// The Sync Connection form on a Frappe Desk: whose books it feeds is settled once an account feeds a Bank Account.
frappe.ui.form.on("Sync Connection", {
	refresh(frm) {
		banksync.show_message(frm, "status_message");
		const linked = (frm.doc.accounts || []).some(({ bank_account }) => bank_account);
		if (frm.fields_dict.company) frm.set_df_property("company", "read_only", linked ? 1 : 0);
	},
});
