// The Bank form: connect, synchronize, and what came of it.
frappe.provide("banksync");

frappe.ui.form.on("Bank", {
	async refresh(frm) {
		if (frm.is_new()) return;
		banksync.listen(() => cur_frm === frm && frm.reload_doc());
		const state = await frappe.xcall("dokos_banksync.api.bank_state", { bank: frm.doc.name });
		if (state.bank !== frm.doc.name) return; // the person went on to another bank meanwhile
		add_bank_buttons(frm, state);
		show_connections(frm, state.connections);
		if (state.arrival) welcome_back(frm, state.arrival);
	},
});

function add_bank_buttons(frm, { bank, connections }) {
	frm.add_custom_button(__("Connect your bank"), () => banksync.connect_dialog(bank));
	const live = connections.filter(({ status }) => !["Disconnected", "Connecting"].includes(status));
	if (live.length) add_synchronization_menu(frm, bank, live);
	else frm.change_custom_button_type(__("Connect your bank"), null, "primary");
}

function add_synchronization_menu(frm, bank, connections) {
	const menu = __("Synchronization");
	const add = (label, action) => frm.add_custom_button(label, action, menu);
	const one = (label, action) => add(label, () => banksync.pick(connections, label, action));
	add(__("Update bank accounts"), () => banksync.accounts_dialog(bank));
	add(__("Fetch transactions"), () => banksync.fetch({ bank }));
	one(__("Fetch new accounts"), ({ name }) => banksync.fetch_accounts(name));
	one(__("Update credentials"), ({ name }) => banksync.reconnect(name));
	one(__("Disconnect"), banksync.disconnect);
	add(__("History"), () => show_history(connections));
}

function show_history(connections) {
	frappe.route_options = { connection: ["in", connections.map(({ name }) => name)] };
	frappe.set_route("List", "Sync Run");
}

function show_connections(frm, connections) {
	const shown = connections.filter(({ status }) => status !== "Disconnected");
	if (!shown.length) return;
	const rows = shown.map(connection_row).join("");
	const section = frm.dashboard.add_section(`<ul class="list-unstyled">${rows}</ul>`, __("Synchronization"));
	section[0].querySelectorAll("button[data-connection]").forEach((button) => {
		const row = shown.find(({ name }) => name === button.dataset.connection);
		button.addEventListener("click", () => banksync.action(row).run(row));
	});
}

function connection_row(row) {
	const esc = frappe.utils.escape_html;
	const facts = [row.message];
	if (row.code) facts.push(row.code);
	if (row.last_success_at)
		facts.push(__("Last import {0}", [frappe.datetime.str_to_user(row.last_success_at)]));
	if (row.consent_expires_at)
		facts.push(__("Consent until {0}", [frappe.datetime.str_to_user(row.consent_expires_at)]));
	return `
		<li class="banksync-connection">
			<span class="indicator-pill ${banksync.color(row)}">${__(row.status)}</span>
			<span><b>${esc(row.title)}</b>
				<span class="text-muted">${facts.filter(Boolean).map(esc).join(" · ")}</span></span>
			<button type="button" class="btn btn-default btn-sm" data-connection="${esc(row.name)}">
				${banksync.action(row).label()}</button>
		</li>`;
}

// The server gives an arrival once: a reload does not open the dialog again.
function welcome_back(frm, { message, indicator, choose_accounts }) {
	frm.set_intro(frappe.utils.escape_html(message), indicator);
	if (choose_accounts) banksync.accounts_dialog(frm.doc.name);
}
