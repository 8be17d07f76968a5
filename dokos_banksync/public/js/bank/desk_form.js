// The Bank form on a Frappe Desk: a bank that the site's own Plaid synchronises can be taken over.
frappe.provide("banksync");

frappe.ui.form.on("Bank", {
	refresh(frm) {
		if (frm.is_new() || !frm.doc.plaid_access_token || !banksync.may_connect()) return;
		banksync.add_button(frm, __("Take over from Plaid…"), () => banksync.takeover_dialog(frm.doc.name), __("Synchronization"));
	},
});

banksync.takeover_dialog = async (bank) => {
	const found = await frappe.xcall("dokos_banksync.api.takeover.takeover_providers");
	const provider = found.providers[0] || (await banksync.use_plaid_settings(found));
	if (!provider) return;
	const dialog = banksync.window(__("Take over {0} from Plaid", [banksync.esc(bank)]), {
		fields: [
			{
				fieldname: "provider",
				fieldtype: "Select",
				label: __("Sync Provider"),
				options: found.providers.length ? found.providers : [provider],
				default: provider,
				onchange: () => banksync.takeover_provider(dialog) !== dialog.banksync_previewed && banksync.show_takeover(dialog, bank),
			},
		],
		primary_action_label: __("Take over"),
		primary_action: () => banksync.begin_takeover(dialog, bank),
	});
	dialog.banksync_default = provider;
	await banksync.show_takeover(dialog, bank);
};

// A new dialog of a newer Frappe has no value until its default has been set, which then counts as a change: two
// previews at once would wait for one another.
banksync.takeover_provider = (dialog) => dialog.get_value("provider") || dialog.banksync_default;

// Keys are copied with the user's consent alone; without any there is nothing to take over with.
banksync.use_plaid_settings = ({ plaid_settings }) =>
	new Promise((resolve) => {
		if (!plaid_settings) return resolve(banksync.ask_for_provider() && "");
		frappe.confirm(
			__("There is no Sync Provider of type Plaid. Create one with the keys of Plaid Settings?"),
			async () => resolve((await frappe.xcall("dokos_banksync.api.takeover.use_plaid_settings")).provider),
			() => resolve("")
		);
	});

banksync.show_takeover = async (dialog, bank) => {
	const args = { bank, provider: banksync.takeover_provider(dialog) };
	const newest = banksync.newest(dialog, "preview");
	dialog.banksync_previewed = args.provider;
	dialog.disable_primary_action();
	dialog.banksync_shown = "";
	banksync.place(dialog, banksync.nothing(__("Reading the accounts and comparing them with the books…")));
	const shown = await frappe.xcall("dokos_banksync.api.takeover.preview_takeover", args).catch(() => null);
	if (!newest()) return; // another one was chosen meanwhile
	if (!shown) return banksync.place(dialog, ""); // the user has seen the refusal by then
	banksync.place(
		dialog,
		`<p>${__("Nothing is changed yet. This is what the first import would do:")}</p>
		${shown.message ? `<p>${banksync.pill(shown.message, "orange")}</p>` : ""}
		${shown.accounts.map(banksync.takeover_account).join("")}
		<p class="small text-muted">${__(
			"The site's own Plaid synchronisation then leaves these accounts out. The Sync Connection has a button to give everything back."
		)}</p>`
	);
	if (!shown.possible) return;
	dialog.banksync_shown = args.provider;
	dialog.enable_primary_action();
};

banksync.takeover_account = (one) => {
	const name = one.account_name ? banksync.esc(one.account_name) : __("Plaid does not share this account any more");
	const from = one.start_date ? __("from {0}", [banksync.day(one.start_date)]) : "";
	const messages = [
		...(one.by_mask ? [__("Recognised by its last digits: its id has changed")] : []),
		...one.messages.map(banksync.esc),
	];
	return `<section class="border rounded mb-3 p-3">
		<p><b>${banksync.esc(one.bank_account)}</b> · ${name} ${from}</p>
		<ul>${messages.map((text) => `<li>${text}</li>`).join("")}</ul>
		${banksync.takeover_rows(__("Stored with the sign reversed: not imported twice, and corrected only when you ask"), one.reversed)}
		${banksync.takeover_rows(__("In the books, not listed by the bank: they stay"), one.unmatched)}
	</section>`;
};

banksync.takeover_rows = (title, rows) => {
	if (!rows.length) return "";
	const cells = rows.map((row) => [
		banksync.day(row.date),
		frappe.utils.get_form_link("Bank Transaction", row.name, true, banksync.esc(row.name)),
		banksync.esc(row.description),
		banksync.money(row.amount, row.currency),
		row.reconciled ? __("Reconciled: it stays") : "",
	]);
	const heads = [__("Date"), __("Bank Transaction"), __("Description"), [__("Amount")], ""];
	return `<details><summary>${title} (${rows.length})</summary>${banksync.table(heads, cells)}</details>`;
};

banksync.begin_takeover = (dialog, bank) => {
	const args = { bank, provider: banksync.takeover_provider(dialog) };
	if (dialog.banksync_shown !== args.provider) return undefined; // its preview is not shown, or refuses
	return banksync.once(dialog, async () => {
		dialog.disable_primary_action();
		try {
			const started = await frappe.xcall("dokos_banksync.api.takeover.begin_takeover", args);
			dialog.hide();
			banksync.await_run(started);
			banksync.refresh();
		} catch (error) {
			await banksync.show_takeover(dialog, bank); // what has changed meanwhile is shown
			throw error;
		}
	});
};
