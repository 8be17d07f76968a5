// The Bank form: connect, synchronize, and what came of it.
frappe.provide("banksync");

frappe.ui.form.on("Bank", {
	async refresh(frm) {
		if (!frappe.model.can_read("Sync Connection")) return;
		if (frm.is_new()) return add_first_button(frm);
		banksync.listen({ frm });
		const args = { bank: frm.doc.name, outcome: banksync.outcome_key() };
		const newest = banksync.newest(frm, "state");
		const state = await frappe.xcall("dokos_banksync.api.connections.bank_state", args);
		if (state.outcome) welcome_back(frm, state.outcome);
		if (!newest() || state.bank !== frm.doc.name) return; // the person went on to another bank meanwhile
		add_bank_buttons(frm, state);
		show_synchronization(frm, state);
	},
});

// A connection is of a saved bank.
function add_first_button(frm) {
	if (!banksync.may_connect()) return;
	banksync.add_button(frm, __("Connect your bank"), async () => {
		await frm.save();
		if (!frm.is_new()) banksync.connect_dialog(frm.doc.name);
	});
}

const is_live = ({ status }) => !["Disconnected", "Connecting"].includes(status);

function add_bank_buttons(frm, { bank, connections }) {
	if (banksync.may_connect()) banksync.add_button(frm, __("Connect your bank"), () => banksync.connect_dialog(bank));
	const live = connections.filter(is_live);
	if (live.length) add_synchronization_menu(frm, { bank }, live);
	else frm.change_custom_button_type(__("Connect your bank"), null, "primary");
	banksync.add_button(frm, __("History"), () => show_history(bank), __("Synchronization"));
}

function add_synchronization_menu(frm, { bank }, live) {
	const [menu, manage] = [__("Synchronization"), banksync.may_manage()];
	const add = (label, action) => banksync.add_button(frm, label, action, menu);
	const one = (label, action) => manage && add(label, () => banksync.pick(live, label, action));
	if (manage) add(__("Update bank accounts"), () => banksync.accounts_dialog(bank));
	add(__("Fetch transactions"), () => banksync.fetch({ bank }));
	add(__("Preview"), () => banksync.pick(live, __("Preview"), ({ name }) => banksync.preview_dialog(name)));
	one(__("Fetch new accounts"), ({ name }) => banksync.fetch_accounts(name));
	one(__("Update credentials"), ({ name }) => banksync.reconnect(name));
	one(__("Disconnect"), banksync.disconnect);
}

// Fetches, statement files, merges and undos: also of a bank whose consent has ended.
async function show_history(bank) {
	const { runs } = await frappe.xcall("dokos_banksync.api.connections.history", { bank });
	frappe.route_options = { name: ["in", runs.length ? runs : [""]] };
	frappe.set_route("List", "Sync Run");
}

function show_synchronization(frm, { connections, warnings }) {
	const shown = connections.filter((row) => row.ended_elsewhere || is_live(row));
	frm.banksync_section?.remove(); // two refreshes at once would show it twice
	if (!shown.length && !warnings.length) return;
	const notes = warnings.map((text) => `<li class="mb-3"><span class="indicator orange">${frappe.utils.escape_html(text)}</span></li>`);
	const rows = shown.map(connection_row);
	const html = `<ul class="list-unstyled">${[...notes, ...rows].join("")}</ul>`;
	const [body] = frm.dashboard.add_section(html, __("Synchronization"));
	frm.banksync_section = body.parentElement;
	body.querySelectorAll("button[data-connection]").forEach((button) => {
		const row = shown.find(({ name }) => name === button.dataset.connection);
		button.addEventListener("click", () => banksync.run_action(row));
	});
	banksync.subscribe(shown.map(({ name }) => name));
	const running = shown.filter(({ progress }) => progress);
	running.forEach(({ progress }) => banksync.show_progress(progress));
	banksync.watch(running.map(({ name }) => name));
}

function connection_row(row) {
	const esc = frappe.utils.escape_html;
	const button = `<button type="button" class="btn btn-default btn-sm" data-connection="${esc(row.name)}">
		${banksync.action(row).label()}</button>`;
	return `
		<li class="banksync-connection d-flex flex-wrap align-items-center mb-2">
			<span class="indicator-pill ${banksync.color(row)} mr-3">${__(row.status, null, "Sync Connection")}</span>
			<span class="mr-3"><b>${esc(row.title)}</b>
				<span class="text-muted">${connection_facts(row).map(esc).join(" · ")}</span></span>
			${banksync.may_act(row) ? button : ""}
		</li>`;
}

function connection_facts(row) {
	const facts = [row.message, row.code, row.reference];
	if (row.last_success_at)
		facts.push(__("Last import {0}", [frappe.datetime.str_to_user(row.last_success_at)]));
	if (row.consent_expires_at)
		facts.push(__("Consent until {0}", [frappe.datetime.str_to_user(row.consent_expires_at)]));
	if (!row.automatic) facts.push(__("Not fetched automatically: click Fetch transactions"));
	return facts.filter(Boolean);
}

function welcome_back(frm, { bank, message, indicator, choose_accounts }) {
	if (bank === frm.doc.name) frm.set_intro(frappe.utils.escape_html(message), indicator);
	else banksync.announce({ message, indicator });
	if (choose_accounts) banksync.accounts_dialog(bank);
}
