// Messages from the server about consent sessions and runs: progress while a run goes on, the outcome when it ends.
frappe.provide("banksync");

// Return the key of the outcome of a consent session from the page's address, once.
banksync.outcome_key = () => {
	const address = new URL(window.location.href);
	const key = address.searchParams.get("outcome") || frappe.route_options?.outcome || "";
	if (!key) return "";
	address.searchParams.delete("outcome");
	window.history.replaceState(window.history.state, "", address);
	if (frappe.route_options) delete frappe.route_options.outcome;
	return key;
};

// The page on show, a form or a list, says what to refresh when a run ends; the handlers are bound once.
banksync.listen = (page) => {
	banksync.page = page;
	if (banksync.listening) return;
	banksync.listening = true;
	frappe.realtime.on("banksync_progress", (update) => banksync.first_receipt(update) && banksync.show_progress(update));
	frappe.realtime.on("banksync_done", (update) => banksync.first_receipt(update) && banksync.show_outcome(update));
};

// Updates go to those who have the connection's form open: another form has to subscribe to each connection.
banksync.subscribe = (connections) => {
	if (!frappe.realtime.socket) return;
	connections.forEach((name) => frappe.realtime.emit?.("doc_subscribe", "Sync Connection", name));
};

// One update may arrive several times: for the form on show, for the user who started the run, and by polling.
banksync.received ??= new Set();
banksync.first_receipt = ({ id }) => {
	if (id && banksync.received.has(id)) return false;
	banksync.received.add(id);
	return true;
};

// The socket may be late or missing on this site: until a run that this page knows of has ended, the page also polls.
banksync.watch = async (connections) => {
	let left = connections.filter((name) => !banksync.watched.has(name));
	left.forEach((name) => banksync.watched.add(name));
	let failed = 0;
	for (let asked = 0; left.length && asked < banksync.MOST_ASKED; asked++) {
		await new Promise((soon) => setTimeout(soon, 3000));
		const args = { connections: JSON.stringify(left) };
		const { outcomes } = banksync;
		const updates = await frappe.xcall("dokos_banksync.api.connections.run_updates", args).catch(() => null);
		if (!updates && ++failed === banksync.MOST_FAILED) break; // each failure is shown in a dialog
		if (!updates) continue;
		updates.forEach(({ outcome, progress }) => {
			if (outcome && banksync.first_receipt(outcome)) banksync.show_outcome(outcome);
			// An outcome that came by another way meanwhile is newer than this progress.
			else if (progress?.id && outcomes === banksync.outcomes && banksync.first_receipt(progress)) banksync.show_progress(progress);
		});
		const ended = left.filter((_, index) => updates[index] && (updates[index].outcome || !updates[index].progress));
		ended.forEach((name) => banksync.watched.delete(name));
		left = left.filter((name) => banksync.watched.has(name));
	}
	left.forEach((name) => banksync.watched.delete(name));
};
banksync.watched ??= new Set();
banksync.MOST_ASKED = 600;
banksync.MOST_FAILED = 3;

banksync.refresh = () => {
	const { frm, listview } = banksync.page;
	if (listview) return listview.refresh();
	if (cur_frm !== frm) return undefined;
	return frm.is_dirty() ? frm.trigger("refresh") : frm.reload_doc();
};

banksync.show_progress = ({ title, percent, description }) => {
	const { frm } = banksync.page;
	const heading = frappe.utils.escape_html(title); // the Desk takes titles as HTML, and what is below them as text
	if (!frm) return frappe.show_progress(heading, percent ?? 0, 100, description);
	if (cur_frm !== frm) return undefined;
	// A form takes the text as HTML when it makes the bar, and as text from then on: the bar is made without any.
	frm.dashboard.show_progress(heading, percent, "");
	return frm.dashboard.show_progress(heading, percent, `${title} · ${description}`);
};

banksync.hide_progress = () => {
	const { frm } = banksync.page;
	if (frm) frm.dashboard.hide_progress();
	else frappe.hide_progress();
};

banksync.outcomes ??= 0; // shown on this page
banksync.show_outcome = ({ message, indicator, code, reference, run }) => {
	banksync.outcomes++;
	banksync.hide_progress();
	if (indicator === "red") {
		frappe.msgprint({
			title: __("The synchronization stopped"),
			message: [message, code, reference].filter(Boolean).map(frappe.utils.escape_html).join("<br>"),
			indicator,
		});
	} else {
		banksync.announce({ message, indicator, run });
	}
	banksync.refresh();
};
