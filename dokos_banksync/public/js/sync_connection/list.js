// The list of connections: a colour and one button per row.
frappe.provide("banksync");

frappe.listview_settings["Sync Connection"] = {
	add_fields: ["status", "bank", "provider"],
	hide_name_column: true,
	get_indicator: (doc) => [__(doc.status, null, "Sync Connection"), banksync.color(doc), `status,=,${doc.status}`],
	onload: (listview) => banksync.listen({ listview }),
	button: {
		show: banksync.may_act,
		get_label: (doc) => banksync.action(doc).label(),
		get_description: (doc) => __("{0}: {1}", [banksync.action(doc).label(), frappe.utils.escape_html(doc.bank)]),
		action: (doc) => banksync.run_action(doc),
	},
};
