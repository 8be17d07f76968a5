// What the buttons do: connect again, fetch, disconnect; and how what came of it is told.
frappe.provide("banksync");

banksync.visit = ({ url }) => window.location.assign(url);

banksync.reconnect = async (connection) =>
	banksync.visit(await frappe.xcall("dokos_banksync.api.connections.begin_reconnect", { connection }));

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

// What started a run, in words: a decision of a user is stored as a word and names.
banksync.trigger_words = (value) => {
	const [word, ...names] = (value || "").split(" ");
	const told = {
		file: () => __("File {0}", [names.join(" ")]),
		undo: () => __("Undoing of {0}", [names[0]]),
		merge: () => __("Merge of {0} into {1}", [names[0], names[2]]),
		delete: () => __("Deletion of {0}", [names[0]]),
		answer: () => __("Answer about {0}", [names[0]]),
	};
	return frappe.utils.escape_html(names.length && told[word] ? told[word]() : __(value, null, "Sync Run"));
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

banksync.run_links = (run) =>
	[
		frappe.utils.get_form_link("Sync Run", run, true, __("What was imported")),
		`<a href="${frappe.utils.get_form_link("Bank Transaction", "").replace(/\/$/, "")}">${__("Bank Transactions")}</a>`,
	].join(" · ");

// A destructive question: the warning colour, and the focus on the way out.
banksync.confirm_warning = (message, label, action) => frappe.warn(label, message, action, label);

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
					label: `${row.name} · ${__(row.status)}`,
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
