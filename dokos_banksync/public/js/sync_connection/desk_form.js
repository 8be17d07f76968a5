// The Sync Connection form on a Frappe Desk: whose books it feeds is settled once an account feeds a Bank Account; the
// calls that count against limits; and the way back of a connection that was taken over.
frappe.ui.form.on("Sync Connection", {
	refresh(frm) {
		banksync.show_message(frm, "status_message");
		const linked = (frm.doc.accounts || []).some(({ bank_account }) => bank_account);
		if (frm.fields_dict.company) frm.set_df_property("company", "read_only", linked ? 1 : 0);
		if (frm.is_new()) return;
		banksync.show_quotas(frm);
		if (frm.doc.takeover && banksync.may_manage())
			banksync.add_button(frm, __("Give back to Plaid…"), () => banksync.ask_to_give_back(frm.doc));
	},
});

banksync.show_quotas = async (frm) => {
	const args = { connection: frm.doc.name };
	const found = await frappe.xcall("dokos_banksync.api.connections.connection_quotas", args);
	frm.banksync_quotas?.remove(); // two refreshes at once would show it twice
	if (found.connection !== frm.doc.name || !found.quotas.length) return;
	const rows = found.quotas.map((one) => [
		banksync.esc(one.scope),
		banksync.esc(one.account || __("All")),
		String(one.used),
		String(one.left),
		banksync.day(one.resets_at),
	]);
	const heads = [__("Calls"), __("Account"), [__("Used")], [__("Remaining")], __("Resets at")];
	const [body] = frm.dashboard.add_section(banksync.table(heads, rows), __("Quotas"));
	frm.banksync_quotas = body.parentElement;
};

banksync.ask_to_give_back = ({ name, bank }) =>
	banksync.confirm_warning(
		__(
			"Undo what this connection imported, and have the site's own Plaid synchronisation read {0} again? Reconciled bank transactions stay.",
			[frappe.utils.escape_html(bank).bold()]
		),
		__("Give back"),
		async () => {
			const args = { connection: name };
			const done = await frappe.xcall("dokos_banksync.api.takeover.end_takeover", args);
			if (done.kept_count) frappe.msgprint(`<p>${banksync.esc(done.message)}</p>${banksync.given_back(done)}`);
			else banksync.announce(done);
			banksync.refresh();
		}
	);

banksync.given_back = ({ kept }) =>
	banksync.table(
		[__("Bank Transaction"), __("Why it stays")],
		kept.map((one) => [banksync.esc(one.transaction || one.remote_id), banksync.esc(one.why)])
	);
