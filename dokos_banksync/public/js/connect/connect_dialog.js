// "Connect your bank": choose the bank in the one list of all providers, then go to its page.
frappe.provide("banksync");

banksync.connect_dialog = async (bank) => {
	const { providers, companies, email } = await frappe.xcall("dokos_banksync.api.providers.providers");
	if (!providers.length) return banksync.ask_for_provider();
	const dialog = new frappe.ui.Dialog({
		title: __("Connect your bank"),
		fields: banksync.connect_fields(companies, bank, email),
		primary_action_label: __("Continue to your bank"),
		primary_action: () => banksync.work_once(dialog, () => banksync.begin_connect(dialog, bank)),
	});
	dialog.show();
	banksync.search_while_typing(dialog, bank);
	return dialog;
};

banksync.ask_for_provider = () =>
	frappe.confirm(
		__("To reach banks, the site needs a subscription at a provider. Add one now?"),
		() => frappe.new_doc("Sync Provider")
	);

banksync.connect_fields = (companies, bank, email) => [
	{
		fieldname: "company",
		fieldtype: "Select",
		label: __("Company"),
		options: companies.map((name) => ({ value: name, label: name })),
		default: companies[0] || "",
		hidden: companies.length > 1 ? 0 : 1,
	},
	{
		fieldname: "search",
		fieldtype: "Data",
		label: __("Name of your bank"),
		default: bank,
		description: __("You sign in on the provider's own page; this site never sees your password."),
	},
	{ fieldname: "results", fieldtype: "HTML" },
	{ fieldname: "offers", fieldtype: "HTML" },
	{
		fieldname: "email",
		fieldtype: "Data",
		label: __("Your e-mail address"),
		description: __("The provider asks for it, to tell you about your consent."),
		default: email,
		hidden: email ? 1 : 0,
	},
];

banksync.search_while_typing = (dialog, bank) => {
	const { search, results, offers } = dialog.fields_dict;
	const look = async () => {
		const newest = banksync.newest(dialog, "search");
		const args = { search: search.input.value.trim() };
		// The user has seen the refusal by then.
		const found = await frappe.xcall("dokos_banksync.api.connections.institutions", args).catch(() => null);
		// A slow answer to an older question must not replace the newer one.
		if (!found || !newest()) return;
		dialog.banksync_search = args.search;
		banksync.show_institutions(dialog, found, args.search);
		if (args.search) found.logos.forEach((provider) => banksync.show_logos(dialog, found, { provider, ...args }));
	};
	results.wrapper.innerHTML = `<p class="text-muted small" role="status">${__("Reading the lists of banks…")}</p>`;
	results.wrapper.addEventListener("change", () => {
		banksync.show_offers(dialog);
		banksync.remember_choice(dialog);
	});
	// A click on the bank that is preselected chooses it, too.
	results.wrapper.addEventListener("click", ({ target }) => target.matches("input") && banksync.remember_choice(dialog));
	offers.wrapper.addEventListener("change", () => {
		banksync.show_email(dialog);
		banksync.remember_choice(dialog);
	});
	banksync.show_email(dialog);
	dialog.banksync_by_hand = () => banksync.add_by_hand(dialog, bank);
	// Until the list of the new search is shown, the bank preselected in the list of the old one is nobody's choice.
	search.input.addEventListener("input", () => {
		dialog.banksync_choice = null;
		dialog.banksync_outdated = search.input.value.trim() !== dialog.banksync_search;
	});
	search.input.addEventListener("input", frappe.utils.debounce(look, 250));
	// Some versions of Frappe set defaults only after the dialog was shown.
	search.input.value ||= bank;
	look();
};

// A bank account without a connection: statement files are imported into it.
banksync.add_by_hand = (dialog, bank) => {
	dialog.hide();
	frappe.new_doc("Bank Account", { bank });
};

banksync.begin_connect = async (dialog, bank) => {
	const offer = dialog.banksync_outdated ? null : banksync.chosen_offer(dialog);
	if (!offer) {
		frappe.show_alert({ message: __("Choose your bank in the list first."), indicator: "orange" });
		return;
	}
	const [company, address] = ["company", "email"].map((name) => dialog.get_value(name));
	const email = offer.needs_email ? address : "";
	const args = { bank, provider: offer.provider, company, institution_id: offer.id, email };
	banksync.open_page(await frappe.xcall("dokos_banksync.api.connections.begin_connect", args));
	dialog.hide(); // until the provider's page is there, a second click would begin another session
};
