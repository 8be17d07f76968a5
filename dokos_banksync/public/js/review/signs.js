// "Signs": bank transactions that another tool stored with the sign reversed; the user has them corrected.
frappe.provide("banksync");

banksync.signs_dialog = async (bank_account) => {
	const dialog = banksync.window(__("Signs"));
	await banksync.show_signs(dialog, bank_account);
};

banksync.show_signs = async (dialog, bank_account) => {
	const args = { bank_account };
	const newest = banksync.newest(dialog, "signs");
	const found = await frappe.xcall("dokos_banksync.api.review.reversed_signs", args);
	if (!newest()) return;
	const note = found.count > found.rows.length ? __("The first {0} of {1} are shown.", [found.rows.length, found.count]) : "";
	const button = `<p class="text-right"><button type="button" class="btn btn-primary btn-sm" data-correct>
		${found.correctable === 1 ? __("Correct 1 row") : __("Correct {0} rows", [found.correctable])}</button></p>`;
	const place = banksync.place(
		dialog,
		`<div data-done></div>
		<p>${__(
			"The bank lists these rows with the opposite sign. A correction swaps money in and money out and links the row of the bank; it can be undone. What is reconciled or in a closed period stays."
		)}</p>
		${found.correctable && banksync.may_decide() ? button : ""}
		${found.count ? banksync.signs_table(found.rows) : banksync.nothing(__("No row is stored with the sign reversed."))}
		<p class="small text-muted">${note}</p>`
	);
	banksync.on_click(place, "[data-correct]", async () => {
		const run = await frappe.xcall("dokos_banksync.api.review.correct_signs", { ...args, key: found.key });
		await banksync.show_signs(dialog, bank_account);
		const again = () => banksync.show_signs(dialog, bank_account);
		banksync.tell_run(dialog.fields_dict.place.wrapper.querySelector("[data-done]"), run, again);
		banksync.refresh();
	});
};

banksync.signs_table = (rows) =>
	banksync.table(
		[__("Date"), __("Description"), [__("In the books")], [__("At the bank")], __("Why it stays")],
		rows.map((row) => [
			banksync.day(row.date),
			banksync.label(row.description, "", row.transaction),
			banksync.money(row.amount, row.currency),
			banksync.money(row.bank_amount, row.currency),
			banksync.esc(row.why),
		])
	);
