// The Bank Account form of a Desk: what the host's own field about another integration means here.
frappe.ui.form.on("Bank Account", {
	refresh(frm) {
		if (!frm.fields_dict.last_integration_date || frm.doc.integration_id) return;
		const text = __(
			"Of the Plaid integration of the accounting application. Bank Synchronization does not read it: its start date is in Update bank accounts, on the Bank."
		);
		frm.set_df_property("last_integration_date", "description", text);
	},
});
