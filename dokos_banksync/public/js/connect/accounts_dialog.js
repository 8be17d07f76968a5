// "Update bank accounts": which Bank Account each account at the bank feeds, and from which day on. A row per account.
frappe.provide("banksync");

banksync.NOT_IMPORTED = "";
banksync.NEW_ACCOUNT = "__new__";

banksync.accounts_dialog = async (bank) => {
	const choices = await frappe.xcall("dokos_banksync.api.accounts.account_choices", { bank });
	if (!choices.accounts.length) {
		frappe.msgprint(__("This bank shares no account yet. Connect it first."));
		return undefined;
	}
	const dialog = new frappe.ui.Dialog({
		title: __("Update bank accounts"),
		size: "extra-large",
		fields: [{ fieldname: "accounts", fieldtype: "HTML" }],
		primary_action_label: __("Confirm and import"),
		primary_action() {
			const choices = banksync.read_choices(place);
			if (banksync.mark_unnamed(place, choices)) return undefined;
			return banksync.work_once(dialog, () => banksync.save_accounts(dialog, bank, choices));
		},
	});
	dialog.candidates = Object.fromEntries(choices.accounts.map(({ source, candidates }) => [source, candidates]));
	const place = dialog.fields_dict.accounts.wrapper;
	place.innerHTML = banksync.accounts_table(choices);
	place.querySelectorAll("[data-source]").forEach(banksync.listen_to_account);
	dialog.show();
	place.querySelector("select").focus();
	return dialog;
};

banksync.read_choices = (place) =>
	[...place.querySelectorAll("[data-source]")].map((row) => {
		const value = (field) => (row.querySelector(`[data-field=${field}]`)?.value || "").trim();
		const target = value("target");
		const is_new = target === banksync.NEW_ACCOUNT;
		return {
			source: row.dataset.source,
			bank_account: is_new ? value("name") : target,
			is_new,
			account: is_new ? value("account") : "",
			confirmed: true, // asked before, see confirm_new_accounts
			start_date: (target && value("start")) || null,
		};
	});

// A new Bank Account beside one that the account may belong to would hold everything a second time: asked, once for all.
banksync.confirm_new_accounts = (dialog, choices) => {
	const equal = choices
		.filter(({ is_new }) => is_new)
		.map(({ source, bank_account }) => ({ bank_account, found: dialog.candidates[source]?.[0] }))
		.filter(({ found }) => found);
	if (!equal.length) return Promise.resolve(true);
	const esc = frappe.utils.escape_html;
	const matches = equal.map(({ bank_account, found }) =>
		esc(__("{0}: {1} may be the same account ({2})", [bank_account, found.bank_account, found.evidence]))
	);
	const question = __("Make new Bank Accounts all the same? What the existing ones hold would be imported again.");
	return new Promise((resolve) =>
		frappe.confirm(`<p>${matches.join("<br>")}</p><p>${question}</p>`, () => resolve(true), () => resolve(false))
	);
};

// Shows the error at each field too, and puts the focus on the first. Returns whether there is one.
banksync.mark_unnamed = (place, choices) => {
	const text = __("Give each new Bank Account a name.");
	place.querySelectorAll("[data-error]").forEach((error) => error.remove());
	const unnamed = choices.filter((choice) => choice.is_new && !choice.bank_account);
	place.querySelectorAll("[data-source]").forEach((row, at) => {
		const field = row.querySelector("[data-field=name]");
		const wrong = unnamed.includes(choices[at]);
		field.removeAttribute("aria-invalid");
		field.removeAttribute("aria-describedby");
		if (!wrong) return;
		const id = `banksync-unnamed-${at}`;
		field.setAttribute("aria-invalid", "true");
		field.setAttribute("aria-describedby", id);
		field.insertAdjacentHTML("afterend", `<div class="small field-error" data-error id="${id}">${text}</div>`);
	});
	if (!unnamed.length) return false;
	frappe.show_alert({ message: text, indicator: "orange" });
	place.querySelector("[aria-invalid=true]").focus();
	return true;
};

banksync.save_accounts = async (dialog, bank, choices) => {
	if (!(await banksync.confirm_new_accounts(dialog, choices))) return;
	const args = { bank, choices: JSON.stringify(choices) };
	banksync.await_run(await frappe.xcall("dokos_banksync.api.accounts.update_accounts", args));
	dialog.hide();
	banksync.page?.frm?.set_intro(""); // "Choose what to import" is done
};
