// The Sync Provider form: are the keys right, and what does the subscription allow?
frappe.ui.form.on("Sync Provider", {
	refresh(frm) {
		if (frm.is_new()) return;
		banksync.add_button(frm, __("Check the keys"), () => check_provider(frm));
	},
});

async function check_provider(frm) {
	const check = await frappe.xcall("dokos_banksync.api.providers.check_provider", { provider: frm.doc.name });
	frappe.msgprint({
		title: __("The keys work"),
		message: check.remarks.map(frappe.utils.escape_html).join("<br>"),
		indicator: "green",
	});
}
