// The Sync Line form on a Frappe Desk: a row that could not be read has no day and no amount, only its text.
frappe.ui.form.on("Sync Line", {
	refresh(frm) {
		banksync.show_message(frm, "note");
		if (frm.doc.reason === "Refused") frm.get_field("section_raw").collapse?.(false);
	},
});
