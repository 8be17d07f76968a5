// "Connect your bank": choose the bank in the provider's list, then go to its page.
frappe.provide("banksync");

banksync.connect_dialog = async (bank) => {
	const { providers, companies, email } = await frappe.xcall("dokos_banksync.api.providers.providers");
	if (!providers.length) return banksync.ask_for_provider();
	const dialog = new frappe.ui.Dialog({
		title: __("Connect your bank"),
		fields: banksync.connect_fields(providers, companies, bank, email),
		primary_action_label: __("Continue to your bank"),
		primary_action: () => banksync.begin_connect(dialog, bank),
	});
	dialog.first_provider = providers[0].name;
	dialog.show();
	banksync.search_while_typing(dialog, bank);
	return dialog;
};

banksync.ask_for_provider = () =>
	frappe.confirm(
		__("To reach banks, the site needs a subscription at a provider. Add one now?"),
		() => frappe.new_doc("Sync Provider")
	);

banksync.connect_fields = (providers, companies, bank, email) => [
	{
		fieldname: "provider",
		fieldtype: "Select",
		label: __("Provider"),
		options: providers.map(banksync.provider_option),
		default: providers[0].name,
		hidden: providers.length === 1 ? 1 : 0,
	},
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
	{
		fieldname: "email",
		fieldtype: "Data",
		label: __("Your e-mail address"),
		description: __("The provider asks for it, to tell you about your consent."),
		default: email,
		hidden: email ? 1 : 0,
	},
];

// A pretend bank must not be taken for a real one.
banksync.provider_option = ({ name, environment }) => ({
	value: name,
	label: environment === "Production" ? name : `${name} (${__(environment)})`,
});

// Some versions of Frappe set the defaults only after the dialog was shown, and a hidden field may stay without one.
banksync.chosen_provider = (dialog) => dialog.get_value("provider") || dialog.first_provider;

banksync.search_while_typing = (dialog, bank) => {
	const { search, provider, results } = dialog.fields_dict;
	let asked = 0;
	const look = async () => {
		const mine = ++asked;
		const args = {
			provider: banksync.chosen_provider(dialog),
			search: search.input.value.trim(),
		};
		// A refusal has been told by then.
		const found = await frappe.xcall("dokos_banksync.api.connections.institutions", args).catch(() => null);
		// A slow answer to an older question must not replace the newer one.
		if (found && mine === asked) banksync.show_institutions(results.wrapper, found, args.search);
	};
	search.input.addEventListener("input", frappe.utils.debounce(look, 250));
	provider.input?.addEventListener("change", look);
	search.input.value ||= bank;
	look();
};

banksync.show_institutions = (wrapper, { institutions, more }, search) => {
	const rows = institutions.map(banksync.institution_row).join("");
	const hint = more ? __("More banks match: type more of the name.") : "";
	const nothing = __("No bank is called like “{0}”. Try a shorter name.", [frappe.utils.escape_html(search)]);
	wrapper.innerHTML = `
		<div class="banksync-institutions" role="radiogroup" aria-label="${__("Banks")}">${rows}</div>
		<p class="text-muted small" role="status">${institutions.length ? hint : nothing}</p>`;
	const [first] = wrapper.querySelectorAll("input:not(:disabled)");
	if (first) first.checked = true;
};

banksync.institution_row = (institution) => {
	const esc = frappe.utils.escape_html;
	const remarks = [institution.country];
	if (institution.beta) remarks.push(__("Beta"));
	if (institution.healthy === false) remarks.push(__("Does not answer well at the moment"));
	return `
		<div class="radio">
			<label>
				<input type="radio" name="banksync_institution" value="${esc(institution.id)}">
				<span>${esc(institution.name)}</span>
				<span class="text-muted small">${remarks.filter(Boolean).map(esc).join(" · ")}</span>
			</label>
		</div>`;
};

banksync.begin_connect = async (dialog, bank) => {
	const chosen = dialog.fields_dict.results.wrapper.querySelector("input:checked");
	if (!chosen) {
		frappe.show_alert({ message: __("Choose your bank in the list first."), indicator: "orange" });
		return;
	}
	dialog.disable_primary_action();
	try {
		const [company, email] = ["company", "email"].map((name) => dialog.get_value(name));
		const provider = banksync.chosen_provider(dialog);
		const args = { bank, provider, company, institution_id: chosen.value, email };
		banksync.visit(await frappe.xcall("dokos_banksync.api.connections.begin_connect", args));
	} finally {
		dialog.enable_primary_action();
	}
};
