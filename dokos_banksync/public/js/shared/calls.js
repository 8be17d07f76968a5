// What the buttons do: connect again, fetch, disconnect; and how the outcome is shown.
frappe.provide("banksync");

banksync.open_page = ({ url }) => window.location.assign(url);

banksync.reconnect = async (connection) =>
	banksync.open_page(await frappe.xcall("dokos_banksync.api.connections.begin_reconnect", { connection }));

// Where nothing is imported yet, the next step is to choose what to import.
banksync.fetch = async (what) => {
	const started = await frappe.xcall("dokos_banksync.api.connections.fetch_transactions", what);
	banksync.await_run(started);
	if (!started.choose_accounts || !banksync.may_manage()) return;
	if (banksync.accounts_dialog) await banksync.accounts_dialog(started.choose_accounts);
	else frappe.set_route("Form", "Bank", started.choose_accounts);
};

banksync.await_run = (started) => {
	banksync.announce(started);
	banksync.watch(started.connections);
};

// What started a run, in words.
banksync.trigger_words = ({ trigger, subject, target }) => {
	const words = {
		manual: () => __("A user"),
		scheduled: () => __("The schedule"),
		webhook: () => __("A webhook"),
		file: () => __("File {0}", [subject]),
		undo: () => __("Undoing of {0}", [subject]),
		merge: () => __("Merge of {0} into {1}", [subject, target]),
		delete: () => __("Deletion of {0}", [subject]),
		answer: () => __("Answer about {0}", [subject]),
		sign: () => __("Correction of the signs of {0}", [subject]),
		missing: () => __("Import of missing lines"),
	}[trigger];
	return frappe.utils.escape_html(words ? words() : trigger);
};

// An amount whose currency is named elsewhere, with two decimals or as many more as it has.
banksync.number = (text) => format_number(Number(text), null, Math.max(2, (text.split(".")[1] || "").length));

// The HTML of a stored message in the user's language: `data` holds its template and values, `text` the sentence in
// English, whose markup was escaped or removed when it was stored. Amounts and days are written as the Desk writes them.
banksync.message = (text, data) => {
	if (!data) return __(text || "");
	const value = (one) => {
		if (typeof one !== "object") return one;
		if (one.template) return filled(one);
		return one.amount ? banksync.number(one.amount) : frappe.datetime.str_to_user(one.day ?? one.instant);
	};
	const filled = ({ template, values }) =>
		__(template).replace(/\{(\d)\}/g, (all, at) => (at in values ? value(values[at]) : all));
	return frappe.utils.escape_html(filled(JSON.parse(data)));
};

// Has a form show a field that holds a message in the user's language.
banksync.show_message = (frm, fieldname) => {
	frm.fields_dict[fieldname].df.formatter = (text) => banksync.message(text, frm.doc[`${fieldname}_data`]);
	frm.refresh_field(fieldname);
};

banksync.forget = async (connection) => {
	banksync.announce(await frappe.xcall("dokos_banksync.api.connections.forget_connection", { connection }));
	frappe.set_route("List", "Sync Connection");
};

banksync.fetch_accounts = async (connection) => {
	banksync.announce(await frappe.xcall("dokos_banksync.api.connections.fetch_accounts", { connection }));
	banksync.refresh();
};

banksync.disconnect = (connection) =>
	banksync.confirm_warning(
		__("End the bank's consent for {0}? Transactions already imported stay.", [
			frappe.utils.escape_html(connection.bank).bold(),
		]),
		__("Disconnect"),
		async () => {
			const args = { connection: connection.name };
			banksync.announce(await frappe.xcall("dokos_banksync.api.connections.disconnect", args));
			banksync.refresh();
		}
	);

// With a run, the message ends with links to it and to the bank transactions.
banksync.announce = ({ message, indicator, run }) => {
	if (!message) return;
	const links = run ? `<br>${banksync.run_links(run)}` : "";
	frappe.show_alert({ message: frappe.utils.escape_html(message) + links, indicator }, run ? 20 : 10);
};

// Dokos gives no address for a form without a name.
banksync.list_address = (doctype) => frappe.utils.get_form_link(doctype, "-").replace(/\/-$/, "");

banksync.run_links = (run) =>
	[
		frappe.utils.get_form_link("Sync Run", run, true, __("What was imported")),
		`<a href="${banksync.list_address("Bank Transaction")}">${__("Bank Transactions")}</a>`,
	].join(" · ");

// A destructive question: the warning colour, and the focus on the way out.
banksync.confirm_warning = (message, label, action) => banksync.start_on_cancel(frappe.warn(label, message, action, label));

// A dialog of its own for a destructive question; the standalone site reads `warning`.
banksync.warning_dialog = (options) => {
	const dialog = new frappe.ui.Dialog({
		indicator: "red",
		warning: true,
		secondary_action_label: __("Cancel"),
		secondary_action: () => dialog.hide(),
		...options,
	});
	dialog.standard_actions?.find(".btn-primary").removeClass("btn-primary").addClass("btn-danger");
	return banksync.start_on_cancel(dialog);
};

// The Desk focuses the first field, or nothing, before it calls `on_page_show`.
banksync.start_on_cancel = (dialog) => {
	dialog.on_page_show = () => dialog.standard_actions?.find(".btn-modal-secondary").trigger("focus");
	return dialog;
};

// Most banks have one connection; where there are several, the person says which one is meant.
banksync.pick = (connections, title, then) => {
	if (connections.length === 1) return then(connections[0]);
	const dialog = new frappe.ui.Dialog({
		title,
		fields: [
			{
				fieldname: "connection",
				fieldtype: "Select",
				label: __("Connection"),
				reqd: 1,
				options: connections.map((row) => ({
					value: row.name,
					label: `${row.name} · ${__(row.status, null, "Sync Connection")}`,
				})),
				default: connections[0].name,
			},
		],
		primary_action_label: __("Continue"),
		primary_action({ connection }) {
			dialog.hide();
			then(connections.find((row) => row.name === connection));
		},
	});
	dialog.show();
};
