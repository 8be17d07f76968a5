// "Connect your bank": choose the bank in the one list of all providers, then go to its page.
frappe.provide("banksync");

banksync.connect_dialog = async (bank) => {
	const { providers, companies, email } = await frappe.xcall("dokos_banksync.api.providers.providers");
	if (!providers.length) return banksync.ask_for_provider();
	const dialog = new frappe.ui.Dialog({
		title: __("Connect your bank"),
		fields: banksync.connect_fields(companies, bank, email),
		primary_action_label: __("Continue to your bank"),
		primary_action: () => banksync.begin_connect(dialog, bank),
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
	const { search, results } = dialog.fields_dict;
	let asked = 0;
	const look = async () => {
		const mine = ++asked;
		const args = { search: search.input.value.trim() };
		// A refusal has been told by then.
		const found = await frappe.xcall("dokos_banksync.api.connections.institutions", args).catch(() => null);
		// A slow answer to an older question must not replace the newer one.
		if (found && mine === asked) banksync.show_institutions(dialog, found, args.search);
	};
	results.wrapper.innerHTML = `<p class="text-muted small" role="status">${__("Reading the lists of banks…")}</p>`;
	results.wrapper.addEventListener("change", () => banksync.show_offers(dialog));
	dialog.banksync_by_hand = () => banksync.add_by_hand(dialog, bank);
	search.input.addEventListener("input", frappe.utils.debounce(look, 250));
	// Some versions of Frappe set defaults only after the dialog was shown.
	search.input.value ||= bank;
	look();
};

banksync.show_institutions = (dialog, { institutions, more, notes }, search) => {
	const { wrapper } = dialog.fields_dict.results;
	const esc = frappe.utils.escape_html;
	const rows = institutions.map(banksync.institution_row).join("");
	const hint = more ? __("More banks match: type more of the name.") : "";
	const nothing = __("No bank is called like “{0}”. Try a shorter name.", [esc(search)]);
	const failures = notes.map((note) => `<p class="text-muted small">${esc(note)}</p>`).join("");
	wrapper.innerHTML = `
		<div class="banksync-institutions" role="radiogroup" aria-label="${__("Banks")}">${rows}</div>
		<p class="text-muted small" role="status">${institutions.length ? hint : nothing}</p>${failures}
		<p><button type="button" class="btn btn-default btn-sm banksync-by-hand">${__("My bank is not listed")}</button></p>`;
	wrapper.querySelector(".banksync-by-hand").addEventListener("click", dialog.banksync_by_hand);
	dialog.banksync_institutions = institutions;
	const [first] = wrapper.querySelectorAll("input");
	if (first) first.checked = true;
	banksync.show_offers(dialog);
};

banksync.institution_row = (institution, place) => {
	const esc = frappe.utils.escape_html;
	const { name, country, logo, offers } = institution;
	const remarks = [country, ...banksync.institution_marks(institution), offers.map(banksync.offer_name).join(", ")];
	const picture = logo
		? `<img src="${esc(logo)}" alt="" width="24" height="24" loading="lazy" referrerpolicy="no-referrer">`
		: "";
	return `
		<div class="radio">
			<label>
				<input type="radio" name="banksync_institution" value="${place}">
				<i class="banksync-logo" aria-hidden="true">${picture}</i>
				<span>${esc(name)}<br><span class="text-muted small">${remarks.filter(Boolean).map(esc).join(" · ")}</span></span>
			</label>
		</div>`;
};

banksync.institution_marks = ({ beta, healthy }) => {
	const marks = beta ? [__("Beta")] : [];
	if (healthy === false) marks.push(__("Does not answer well at the moment"));
	return marks;
};

// A pretend bank must not be taken for a real one.
banksync.offer_name = ({ provider, environment }) =>
	environment === "Production" ? provider : `${provider} (${__(environment)})`;

// Which providers reach the chosen bank: the first is the suggested one.
banksync.show_offers = (dialog) => {
	const chosen = banksync.chosen_institution(dialog);
	const { wrapper } = dialog.fields_dict.offers;
	if (!chosen || chosen.offers.length < 2) {
		wrapper.innerHTML = "";
		return;
	}
	const suggested = chosen.reason ? __("Suggested: {0}", [chosen.reason]) : "";
	const rows = chosen.offers.map((offer, place) => banksync.offer_row(offer, place, place ? "" : suggested));
	wrapper.innerHTML = `
		<p class="control-label">${__("Several providers reach this bank. Choose one:")}</p>
		<div class="banksync-institutions" role="radiogroup" aria-label="${__("Providers")}">${rows.join("")}</div>`;
	wrapper.querySelector("input").checked = true;
};

banksync.offer_row = (offer, place, suggested) => {
	const esc = frappe.utils.escape_html;
	const facts = [suggested, ...offer.facts, ...banksync.institution_marks(offer)];
	return `
		<div class="radio">
			<label>
				<input type="radio" name="banksync_offer" value="${place}">
				<span>${esc(banksync.offer_name(offer))}<br><span class="text-muted small">${facts.filter(Boolean).map(esc).join(" · ")}</span></span>
			</label>
		</div>`;
};

banksync.chosen_institution = (dialog) => {
	const chosen = dialog.fields_dict.results.wrapper.querySelector("input:checked");
	return chosen && dialog.banksync_institutions[chosen.value];
};

banksync.chosen_offer = (dialog) => {
	const institution = banksync.chosen_institution(dialog);
	const chosen = dialog.fields_dict.offers.wrapper.querySelector("input:checked");
	return institution?.offers[chosen ? chosen.value : 0];
};

// A bank account without a connection: statement files are imported into it.
banksync.add_by_hand = (dialog, bank) => {
	dialog.hide();
	frappe.new_doc("Bank Account", { bank });
};

banksync.begin_connect = async (dialog, bank) => {
	const offer = banksync.chosen_offer(dialog);
	if (!offer) {
		frappe.show_alert({ message: __("Choose your bank in the list first."), indicator: "orange" });
		return;
	}
	dialog.disable_primary_action();
	try {
		const [company, email] = ["company", "email"].map((name) => dialog.get_value(name));
		const args = { bank, provider: offer.provider, company, institution_id: offer.id, email };
		banksync.visit(await frappe.xcall("dokos_banksync.api.connections.begin_connect", args));
	} finally {
		dialog.enable_primary_action();
	}
};
