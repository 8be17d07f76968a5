// What the form scripts share: the one action that a state asks for, and news while work goes on.
frappe.provide("banksync");

// Each state asks for exactly one action.
banksync.STATES = {
	Connecting: { color: "orange", action: "connect" },
	Active: { color: "green", action: "fetch" },
	Waiting: { color: "blue", action: "wait" },
	"Action Required": { color: "orange", action: "reconnect" },
	"Consent Expired": { color: "orange", action: "reconnect" },
	"Bank Unavailable": { color: "blue", action: "wait" },
	"Not Supported": { color: "gray", action: "configure" },
	Error: { color: "red", action: "fetch" },
	Disconnected: { color: "gray", action: "connect" },
};

banksync.ACTIONS = {
	connect: { label: () => __("Connect your bank"), run: (row) => banksync.connect_dialog(row.bank) },
	reconnect: { label: () => __("Reconnect"), run: (row) => banksync.reconnect(row.name) },
	fetch: { label: () => __("Fetch transactions"), run: (row) => banksync.fetch({ connection: row.name }) },
	wait: { label: () => __("Check again"), run: (row) => banksync.fetch_accounts(row.name) },
	configure: {
		label: () => __("Open the provider"),
		run: (row) => frappe.set_route("Form", "Sync Provider", row.provider),
	},
};

banksync.color = ({ status }) => banksync.STATES[status].color;

banksync.action = ({ status }) => banksync.ACTIONS[banksync.STATES[status].action];

banksync.visit = ({ url }) => window.location.assign(url);

banksync.reconnect = async (connection) =>
	banksync.visit(await frappe.xcall("dokos_banksync.api.begin_reconnect", { connection }));

banksync.fetch = async (what) => {
	banksync.announce(await frappe.xcall("dokos_banksync.api.fetch_transactions", what));
};

banksync.fetch_accounts = async (connection) => {
	banksync.announce(await frappe.xcall("dokos_banksync.api.fetch_accounts", { connection }));
	banksync.refresh();
};

banksync.disconnect = (connection) =>
	frappe.confirm(
		__("End the bank's consent for {0}? Transactions already imported stay.", [
			frappe.utils.escape_html(connection.bank).bold(),
		]),
		async () => {
			const args = { connection: connection.name };
			banksync.announce(await frappe.xcall("dokos_banksync.api.disconnect", args));
			banksync.refresh();
		}
	);

banksync.announce = ({ message, indicator }) =>
	message && frappe.show_alert({ message: frappe.utils.escape_html(message), indicator }, 10);

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

// The key of what this page tells of a visit to the bank that ended: it is in the address, once.
banksync.arrival_key = () => {
	const address = new URL(window.location.href);
	const key = address.searchParams.get("arrival") || frappe.route_options?.arrival || "";
	if (!key) return "";
	address.searchParams.delete("arrival");
	window.history.replaceState(window.history.state, "", address);
	if (frappe.route_options) delete frappe.route_options.arrival;
	return key;
};

// The page on show, a form or a list, says what to refresh when a run ends; the handlers are bound once.
banksync.listen = (page) => {
	banksync.page = page;
	if (banksync.listening) return;
	banksync.listening = true;
	frappe.realtime.on("banksync_progress", (told) => banksync.is_news(told) && banksync.show_progress(told));
	frappe.realtime.on("banksync_done", (told) => banksync.is_news(told) && banksync.show_outcome(told));
};

// One piece of news may come by several ways: to the form on show, and to the person who asked.
banksync.is_news = ({ id }) => {
	if (id && id === banksync.heard) return false;
	banksync.heard = id;
	return true;
};

banksync.refresh = () => {
	const { frm, listview } = banksync.page;
	if (listview) return listview.refresh();
	if (cur_frm !== frm) return undefined;
	return frm.is_dirty() ? frm.trigger("refresh") : frm.reload_doc();
};

banksync.show_progress = ({ title, percent, description }) => {
	const { frm } = banksync.page;
	if (!frm) frappe.show_progress(title, percent ?? 0, 100, frappe.utils.escape_html(description));
	else if (cur_frm === frm) frm.dashboard.show_progress(title, percent, `${title} · ${description}`);
};

banksync.hide_progress = () => {
	const { frm } = banksync.page;
	if (frm) frm.dashboard.hide_progress();
	else frappe.hide_progress();
};

banksync.show_outcome = ({ message, indicator, code, reference }) => {
	banksync.hide_progress();
	if (indicator === "red") {
		frappe.msgprint({
			title: __("The synchronization stopped"),
			message: [message, code, reference].filter(Boolean).map(frappe.utils.escape_html).join("<br>"),
			indicator,
		});
	} else {
		banksync.announce({ message, indicator });
	}
	banksync.refresh();
};
