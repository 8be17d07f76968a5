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

// Shows the plan; gives a function that tells which rows are left out.
banksync.show_plan = (place, plan, changed) => {
	const { rows, count, kinds, unchanged, refused } = plan;
	const facts = kinds.map(({ kind, label, count: number }) => banksync.pill(__("{0}: {1}", [label, number]), banksync.PLAN_KINDS[kind]));
	if (unchanged) facts.push(banksync.esc(__("Unchanged: {0}", [unchanged])));
	if (refused) facts.push(banksync.pill(__("Rows that cannot be read: {0}", [refused]), "red"));
	const chosen = new Set(rows.filter((row) => row.takeable).map(({ id }) => id));
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
			changed?.();
		},
	});
	return left_out;
};

// "Preview" of a connection: what the next fetch would do; and doing exactly that.
banksync.preview_dialog = async (connection) => {
	let apply = null;
	const dialog = banksync.window(__("Preview"), {
		primary_action_label: __("Do exactly this"),
		primary_action: () => apply?.(),
	});
	dialog.disable_primary_action();
	const place = banksync.place(dialog, `<p class="text-muted" role="status">${__("The bank is being asked…")}</p>`);
	const look = async () => {
		const plan = await banksync.call("dokos_banksync.api.connections.preview_connection", { connection });
		const left_out = banksync.show_plan(place, plan);
		apply = () => banksync.apply_preview(dialog, { connection, key: plan.key, left_out: left_out() }, look);
		if (plan.count) dialog.enable_primary_action();
	};
	try {
		await look();
	} catch (error) {
		place.innerHTML = banksync.nothing(error?.cancelled ? "" : __("The bank could not be asked."));
		throw error;
	}
};

banksync.apply_preview = async (dialog, { connection, key, left_out }, look) => {
	dialog.disable_primary_action();
	const args = { connection, key, leave_out: JSON.stringify(left_out) };
	try {
		const started = await banksync.call("dokos_banksync.api.connections.apply_preview", args);
		dialog.hide();
		banksync.announce(started);
		banksync.refresh();
	} catch (error) {
		if (error?.cancelled) dialog.enable_primary_action();
		else await look(); // what has changed meanwhile is shown
		throw error;
	}
};
