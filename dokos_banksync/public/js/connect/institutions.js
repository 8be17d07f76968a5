// The list of banks in "Connect your bank", and the providers that reach the chosen one.
frappe.provide("banksync");

banksync.show_institutions = (dialog, { institutions, more, notes }, search) => {
	const { wrapper } = dialog.fields_dict.results;
	const esc = frappe.utils.escape_html;
	const rows = institutions.map(banksync.institution_row).join("");
	const hint = more ? __("More banks match: type more of the name.") : "";
	const had_focus = wrapper.contains(document.activeElement);
	const nothing = __("No bank is called like “{0}”. Try a shorter name.", [esc(search)]);
	const failures = notes.map((note) => `<p class="text-muted small">${esc(note)}</p>`).join("");
	wrapper.innerHTML = `
		<div class="banksync-institutions" role="radiogroup" aria-label="${__("Banks")}">${rows}</div>
		<p class="text-muted small" role="status">${institutions.length ? hint : nothing}</p>${failures}
		<p><button type="button" class="btn btn-default btn-sm banksync-by-hand">${__("My bank is not listed")}</button></p>`;
	wrapper.querySelector(".banksync-by-hand").addEventListener("click", dialog.banksync_by_hand);
	// A logo that cannot be read leaves its place empty, without the browser's sign of a broken picture.
	wrapper.querySelectorAll("img").forEach((logo) => logo.addEventListener("error", () => logo.remove()));
	dialog.banksync_institutions = institutions;
	dialog.banksync_outdated = false;
	banksync.preselect_institution(dialog);
	if (had_focus) wrapper.querySelector("input:checked, button").focus();
};

// A list that arrives after the user chose must not change the choice: the first bank is preselected only before.
banksync.preselect_institution = (dialog) => {
	const choice = dialog.banksync_choice;
	const chosen = ({ offers }) => offers.some((offer) => banksync.same_offer(offer, choice));
	const place = choice ? dialog.banksync_institutions.findIndex(chosen) : 0;
	const inputs = dialog.fields_dict.results.wrapper.querySelectorAll("input");
	if (inputs[place]) inputs[place].checked = true;
	banksync.show_offers(dialog);
};

banksync.same_offer = (offer, other) => offer.provider === other?.provider && offer.id === other?.id;

banksync.remember_choice = (dialog) => {
	dialog.banksync_choice = banksync.chosen_offer(dialog);
	dialog.banksync_outdated = false;
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

// Some providers give logos to a search alone: they are filled in below the list that is shown already.
banksync.show_logos = async (dialog, { institutions }, args) => {
	const found = await frappe.xcall("dokos_banksync.api.connections.institution_logos", args).catch(() => null);
	if (!found || dialog.banksync_institutions !== institutions) return;
	const places = dialog.fields_dict.results.wrapper.querySelectorAll(".banksync-logo");
	institutions.forEach(({ offers }, place) => {
		const logo = offers.filter(({ provider }) => provider === args.provider).map(({ id }) => found.logos[id])[0];
		if (!logo || places[place].firstChild) return;
		places[place].innerHTML = `<img src="${frappe.utils.escape_html(logo)}" alt="" width="24" height="24">`;
	});
};

banksync.institution_marks = ({ beta, healthy }) => {
	const marks = beta ? [__("Beta")] : [];
	if (healthy === false) marks.push(__("Does not answer well at the moment"));
	return marks;
};

// A sandbox bank must not be taken for a real one.
banksync.offer_name = ({ provider, environment }) =>
	environment === "Production" ? provider : `${provider} (${__(environment)})`;

// Which providers reach the chosen bank: the first is the suggested one.
banksync.show_offers = (dialog) => {
	const chosen = banksync.chosen_institution(dialog);
	const { wrapper } = dialog.fields_dict.offers;
	if (!chosen || chosen.offers.length < 2) {
		wrapper.innerHTML = "";
		return banksync.show_email(dialog);
	}
	const suggested = chosen.reason ? __("Suggested: {0}", [chosen.reason]) : "";
	const rows = chosen.offers.map((offer, place) => banksync.offer_row(offer, place, place ? "" : suggested));
	wrapper.innerHTML = `
		<p class="control-label">${__("Several providers reach this bank. Choose one:")}</p>
		<div class="banksync-institutions" role="radiogroup" aria-label="${__("Providers")}">${rows.join("")}</div>`;
	const place = chosen.offers.findIndex((offer) => banksync.same_offer(offer, dialog.banksync_choice));
	wrapper.querySelectorAll("input")[Math.max(place, 0)].checked = true;
	banksync.show_email(dialog);
};

// The e-mail address is asked for where the chosen provider needs it and the site does not know it yet.
banksync.show_email = (dialog) => {
	const { email } = dialog.fields_dict;
	email.wrapper.hidden = Boolean(email.df.hidden) || !banksync.chosen_offer(dialog)?.needs_email;
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
