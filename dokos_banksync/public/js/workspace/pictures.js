// The pictures of the bank accounts on the workspace: one account at a time, as on its own form.
frappe.provide("banksync");

banksync.workspace_pictures = async (place) => {
	if (!frappe.model.can_read("Sync Line")) return;
	const accounts = await frappe.xcall("dokos_banksync.api.pictures.picture_accounts", {});
	if (!accounts.length) {
		place.innerHTML = banksync.nothing(__("The pictures of a bank account are shown here once you have one."));
		return;
	}
	place.innerHTML = banksync.picture_chooser(accounts);
	const choice = place.querySelector("select");
	choice.addEventListener("change", () => banksync.draw_account(place, choice));
	place.querySelector("button").addEventListener("click", () => window.print());
	await banksync.draw_account(place, choice);
};

banksync.picture_chooser = (accounts) => {
	const options = accounts.map((name) => `<option value="${banksync.esc(name)}">${banksync.esc(name)}</option>`);
	return `<h2 class="h4">${__("The last twelve months")}</h2>
		<div class="d-flex flex-wrap align-items-end mb-3">
			<label class="mr-3 mb-0">${__("Bank Account")}<select class="form-control">${options.join("")}</select></label>
			<a class="btn btn-default btn-sm mr-2" data-open>${__("Open")}</a>
			<button type="button" class="btn btn-default btn-sm hidden-print">${__("Print")}</button>
		</div><div data-pictures aria-live="polite"></div>`;
};

banksync.draw_account = async (place, choice) => {
	const bank_account = choice.value;
	const shown = await frappe.xcall("dokos_banksync.api.pictures.account_pictures", { bank_account });
	if (shown.bank_account !== choice.value) return; // another account was chosen meanwhile
	place.querySelector("[data-open]").href = frappe.utils.get_form_link("Bank Account", bank_account);
	const drawn = place.querySelector("[data-pictures]");
	drawn.innerHTML = banksync.pictures(shown);
	banksync.let_keys_scroll(drawn);
};
