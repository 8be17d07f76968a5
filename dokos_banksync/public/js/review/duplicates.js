// "Find duplicates": two that may be one, side by side; the person says which stays, or that they are two.
frappe.provide("banksync");

banksync.some_days_ago = (days) => {
	const day = new Date();
	day.setDate(day.getDate() - days);
	return day.toISOString().slice(0, 10);
};

banksync.duplicates_dialog = (bank_account) => {
	const dialog = banksync.window(__("Find duplicates"), {
		fields: [
			{ fieldname: "since", fieldtype: "Date", label: __("First day"), default: banksync.some_days_ago(365) },
			{ fieldname: "column", fieldtype: "Column Break" },
			{
				fieldname: "unlikely",
				fieldtype: "Select",
				label: __("Show"),
				options: [
					{ value: "", label: __("What is likely") },
					{ value: "1", label: __("Include unlikely pairs and those marked as separate") },
				],
				default: "",
			},
		],
		primary_action_label: __("Search"),
		primary_action: () => banksync.once(dialog, () => banksync.find_duplicates(dialog, bank_account)),
	});
	banksync.once(dialog, () => banksync.find_duplicates(dialog, bank_account));
};

banksync.find_duplicates = async (dialog, bank_account) => {
	const newest = banksync.newest(dialog, "pairs");
	dialog.disable_primary_action();
	try {
		const [since, everything] = ["since", "unlikely"].map((name) => dialog.get_value(name) || "");
		const args = { bank_account, since, everything };
		const found = await banksync.call("dokos_banksync.api.duplicates.find_duplicates", args);
		if (newest()) banksync.show_pairs(dialog, bank_account, found);
	} finally {
		if (newest()) dialog.enable_primary_action();
	}
};

banksync.show_pairs = (dialog, bank_account, { pairs, count }) => {
	const shown = count > pairs.length ? __("The first {0} of {1} are shown.", [pairs.length, count]) : "";
	const place = banksync.place(
		dialog,
		`<div data-done></div>
		${pairs.length ? "" : banksync.nothing(__("No two bank transactions look like one."))}
		${pairs.map(banksync.pair).join("")}<p class="small text-muted">${shown}</p>`
	);
	const done = place.querySelector("[data-done]");
	const again = () => banksync.find_duplicates(dialog, bank_account);
	place.querySelectorAll("[data-pair]").forEach((row) => {
		const { first, second } = pairs[Number(row.dataset.pair)];
		const decide = async (work) => {
			const run = await work();
			row.remove();
			if (run) banksync.tell_run(done, run, again);
			done.scrollIntoView({ block: "nearest" });
			banksync.refresh();
		};
		const merge = (keep, other) =>
			frappe.xcall("dokos_banksync.api.duplicates.merge_transactions", { keep: keep.name, other: other.name });
		const names = { one: first.name, other: second.name };
		const apart = () => frappe.xcall("dokos_banksync.api.duplicates.keep_both", names);
		banksync.on_click(row, "[data-keep=first]", () => decide(() => merge(first, second)), row);
		banksync.on_click(row, "[data-keep=second]", () => decide(() => merge(second, first)), row);
		banksync.on_click(row, "[data-keep=both]", () => decide(apart), row);
		const decide_once = (work) => banksync.once(row, () => decide(work));
		banksync.on_click(row, "[data-delete]", ({ dataset }) => banksync.ask_to_delete(dataset.delete, decide_once));
		banksync.on_click(row, "[data-open]", ({ dataset }) => banksync.explain_transaction(dataset.open));
	});
};

banksync.ask_to_delete = (name, decide) =>
	banksync.confirm_warning(
		__("Delete {0}? It is not imported again; Undo restores it.", [banksync.esc(name)]),
		__("Delete"),
		() => decide(() => frappe.xcall("dokos_banksync.api.duplicates.delete_transaction", { name }))
	);

banksync.pair = ({ likeness, why, first, second }, index) => `
	<section class="banksync-pair border rounded mb-3 p-3" data-pair="${index}">
		<p class="d-flex justify-content-between"><span class="text-muted">${banksync.esc(why)}</span>
			${banksync.pill(__("{0} % similar", [Math.round(likeness * 100)]), likeness > 0.8 ? "orange" : "gray")}</p>
		<div class="row banksync-two">
			${banksync.side(first, second, "first")}${banksync.side(second, first, "second")}
		</div>
		<p class="text-right mb-0"><button type="button" class="btn btn-default btn-sm" data-keep="both">
			${__("They are separate")}</button></p>
	</section>`;

banksync.side = (one, other, keep) => {
	const differs = (field) => (one[field] === other[field] ? "" : "bold font-weight-bold");
	const facts = [
		`<span class="${differs("date")}">${banksync.day(one.date)}</span>`,
		`<b>${banksync.money(one.amount, one.currency)}</b>`,
		`<span class="wide ${differs("original")}">${banksync.esc(one.description)}</span>`,
		one.original === one.description ? "" : `<span class="wide small text-muted">${banksync.esc(one.original)}</span>`,
		banksync.esc(one.category),
		__("Sources that have it: {0}", [one.sources]),
		one.reconciled ? banksync.pill(__("Reconciled"), "green") : "",
		(one.reconciled_by || []).map((name) => banksync.esc(name)).join(", "),
	];
	const off = (yes) => (yes ? "disabled" : "");
	return `<div class="col-sm-6 banksync-side">
		<button type="button" class="btn btn-link btn-sm p-0" data-open="${banksync.esc(one.name)}">${banksync.esc(one.name)}</button>
		${facts.filter(Boolean).map((fact) => `<div>${fact}</div>`).join("")}
		<p class="mt-2"><button type="button" class="btn btn-primary btn-sm" data-keep="${keep}" ${off(other.reconciled)}>
			${__("Keep this one")}</button>
		<button type="button" class="btn btn-default btn-sm" data-delete="${banksync.esc(one.name)}" ${off(one.reconciled)}>
			${__("Delete")}</button></p></div>`;
};
