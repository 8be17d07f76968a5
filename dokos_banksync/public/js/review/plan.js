// What a run would do, row by row; rows are ticked out before a person agrees.
frappe.provide("banksync");

banksync.PLAN_KINDS = {
	new: "green",
	already_there: "gray",
	look_alike: "blue",
	outside_dates: "gray",
	locked: "gray",
	pending: "gray",
	question: "orange",
	changed: "blue",
	removed: "red",
	other: "gray",
};

// Shows the plan; gives a function that tells which rows are left out. Those that the user left out before stay so.
banksync.show_plan = (place, plan, left_before = []) => {
	const { rows, count, kinds, unchanged, refused } = plan;
	const facts = kinds.map(({ kind, label, count: number }) => banksync.pill(__("{0}: {1}", [label, number]), banksync.PLAN_KINDS[kind]));
	if (unchanged) facts.push(banksync.esc(__("Unchanged: {0}", [unchanged])));
	if (refused) facts.push(banksync.pill(__("Rows that cannot be read: {0}", [refused]), "red"));
	const chosen = new Set(rows.filter((row) => row.takeable && !left_before.includes(row.id)).map(({ id }) => id));
	const left_out = () => rows.filter((row) => row.takeable && !chosen.has(row.id)).map(({ id }) => id);
	if (!rows.length) {
		place.innerHTML = `<p>${facts.join(" ")}</p>${banksync.nothing(__("Nothing would change."))}`;
		return left_out;
	}
	place.innerHTML = `<p>${facts.join(" ")}</p>
		<p class="small text-muted">${__("Rows that are not ticked are not imported now, and stay available.")} <span data-left></span></p>
		<div data-list></div>`;
	const left = place.querySelector("[data-left]");
	banksync.list(place.querySelector("[data-list]"), {
		...{ rows, count, chosen },
		heads: [__("What happens"), __("Date"), __("Description"), [__("Amount")]],
		cells: (row) => [
			banksync.pill(row.label, banksync.PLAN_KINDS[row.kind]),
			banksync.day(row.date),
			banksync.label(row.description, row.why, row.bank_account, row.transaction),
			banksync.money(row.amount, row.currency),
		],
		changed() {
			const number = left_out().length;
			left.textContent = number ? __("Rows left out: {0}", [number]) : "";
		},
	});
	return left_out;
};

// "Preview" of a connection: what the next fetch would do; and doing exactly that.
banksync.preview_dialog = async (connection) => {
	let apply = null;
	let left_out = () => [];
	const dialog = banksync.window(__("Preview"), {
		primary_action_label: __("Do exactly this"),
		primary_action: () => banksync.once(dialog, () => apply?.()),
	});
	const { wrapper: place } = dialog.fields_dict.place;
	const look = async () => {
		apply = null;
		dialog.disable_primary_action();
		banksync.place(dialog, `<p class="text-muted" role="status">${__("The bank is being asked…")}</p>`);
		try {
			const plan = await banksync.call("dokos_banksync.api.connections.preview_connection", { connection });
			left_out = banksync.show_plan(place, plan, left_out());
			apply = () => banksync.apply_preview(dialog, { connection, key: plan.key, left_out }, look);
			if (plan.count) dialog.enable_primary_action();
		} catch (error) {
			banksync.offer_again(place, error?.cancelled ? "" : __("The bank could not be asked."), __("Ask the bank"), look);
			throw error;
		}
	};
	await look();
};

// After a failure: one click to try again.
banksync.offer_again = (place, text, label, again) => {
	place.innerHTML = `${banksync.nothing(text)}
		<p><button type="button" class="btn btn-default btn-sm" data-again>${label}</button></p>`;
	banksync.on_click(place, "[data-again]", again);
};

banksync.apply_preview = async (dialog, { connection, key, left_out }, look) => {
	dialog.disable_primary_action();
	const args = { connection, key, leave_out: JSON.stringify(left_out()) };
	try {
		const call = () => banksync.call("dokos_banksync.api.connections.apply_preview", args);
		const started = await banksync.while_inert(dialog.body, call);
		dialog.hide();
		banksync.announce(started);
		banksync.refresh();
	} catch (error) {
		if (error?.cancelled) dialog.enable_primary_action();
		else await look(); // what has changed meanwhile is shown
		throw error;
	}
};
