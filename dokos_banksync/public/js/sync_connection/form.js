// The Sync Connection form: its state in words, and the one thing to do about it.
frappe.provide("banksync");

frappe.ui.form.on("Sync Connection", {
	async refresh(frm) {
		if (frm.is_new()) return;
		banksync.listen({ frm });
		const newest = banksync.newest(frm, "state");
		const state = await frappe.xcall("dokos_banksync.api.connections.bank_state", { bank: frm.doc.bank });
		if (!newest()) return;
		const row = state.connections.find(({ name }) => name === frm.doc.name);
		if (!row) return;
		const words = [row.message, row.code, row.reference].filter(Boolean);
		if (words.length) frm.set_intro(words.map(frappe.utils.escape_html).join(" · "), color_of_words(row));
		if (banksync.may_act(row)) add_connection_action(frm, row);
		if (banksync.STATES[row.status].action === "fetch")
			banksync.add_button(frm, __("Preview"), () => banksync.preview_dialog(row.name));
		if (row.status === "Connecting") banksync.add_button(frm, __("Remove"), () => banksync.forget(row.name));
		if (row.progress) banksync.show_progress(row.progress);
	},
});

// A connection stays active while a failure may pass: what is said of it is not green.
function color_of_words(row) {
	const color = banksync.color(row);
	if (color !== "green") return color;
	return row.code ? "orange" : "blue";
}

function add_connection_action(frm, row) {
	const action = banksync.action(row);
	banksync.add_button(frm, action.label(), () => banksync.run_action(row));
	frm.change_custom_button_type(action.label(), null, "primary");
}
