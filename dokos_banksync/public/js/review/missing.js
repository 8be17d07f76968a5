// "Find missing": what the bank has now and the books lack, from a day on; nothing is written until it is taken.
frappe.provide("banksync");

banksync.KINDS = {
	missing: "orange",
	renumbered: "blue",
	elsewhere: "blue",
	held: "gray",
	pending: "gray",
	gone: "red",
};

banksync.missing_dialog = (bank_account, since = "") => {
	const dialog = banksync.window(__("Find missing"), {
		fields: [
			{
				fieldname: "since",
				fieldtype: "Date",
				label: __("First day"),
				default: since || banksync.some_days_ago(90),
				description: __("Without you at hand, most banks give the last 90 days."),
			},
		],
		primary_action_label: __("Ask the bank"),
		primary_action: () => banksync.once(dialog, () => banksync.find_missing(dialog, bank_account)),
	});
	banksync.once(dialog, () => banksync.find_missing(dialog, bank_account));
};

banksync.find_missing = async (dialog, bank_account, run = null) => {
	const newest = banksync.newest(dialog, "missing");
	dialog.disable_primary_action();
	const place = banksync.place(dialog, `<p class="text-muted" role="status">${__("The bank is being asked…")}</p>`);
	try {
		const args = { bank_account, since: dialog.get_value("since") || "" };
		const { since, accounts } = await banksync.call("dokos_banksync.api.review.find_missing", args);
		if (!newest()) return;
		place.innerHTML = `<div data-done></div>${accounts.map(() => "<section data-account></section>").join("")}`;
		place.querySelectorAll("[data-account]").forEach((section, index) =>
			banksync.show_missing(section, accounts[index], {
				bank_account,
				since,
				ticks: (dialog.banksync_ticks ??= {}),
				taken: (made) => banksync.find_missing(dialog, bank_account, made),
			})
		);
		const again = () => banksync.find_missing(dialog, bank_account);
		if (run) banksync.tell_run(place.querySelector("[data-done]"), run, again);
	} catch (error) {
		if (newest()) place.innerHTML = banksync.nothing(error?.cancelled ? "" : __("The bank could not be asked."));
		throw error;
	} finally {
		if (newest()) dialog.enable_primary_action();
	}
};

banksync.show_missing = (section, account, { bank_account, since, ticks, taken }) => {
	const { connection, account_name, correct, refused, rows, count, unasked, counts } = account;
	const facts = [__("As they should be: {0}", [correct]), ...counts.map((one) => __("{0}: {1}", [one.kind, one.count]))];
	if (refused) facts.push(__("Rows that cannot be read: {0}", [refused]));
	section.innerHTML = `<h3 class="h5">${banksync.esc(account_name)} <span class="small text-muted">${banksync.esc(connection)}</span></h3>
		<p>${facts.map(banksync.esc).join(" · ")}</p><div data-list></div>
		<p class="text-right">
			<button type="button" class="btn btn-default btn-sm" data-take="chosen"></button>
			<button type="button" class="btn btn-primary btn-sm" data-take="all">${__("Import all without open questions")}</button>
		</p>`;
	const [some, all] = section.querySelectorAll("[data-take]");
	if (!rows.length) {
		section.querySelector("[data-list]").innerHTML = banksync.nothing(__("Nothing is missing."));
		some.hidden = all.hidden = true;
		return;
	}
	all.disabled = !unasked;
	// What the user ticked stays so, whatever is imported of the other accounts meanwhile.
	const own = (ticks[`${connection} ${account_name}`] ??= {});
	const key = ({ id, kind }) => `${kind} ${id}`;
	const chosen = new Set(rows.filter((row) => own[key(row)] ?? row.chosen).map(({ id }) => id));
	const changed = () => {
		rows.filter((row) => row.takeable).forEach((row) => {
			if (chosen.has(row.id) === row.chosen) delete own[key(row)];
			else own[key(row)] = !row.chosen;
		});
		some.textContent = __("Import the {0} selected", [chosen.size]);
		some.disabled = !chosen.size;
	};
	const heads = [__("At the bank"), __("Date"), __("Description"), [__("Amount")]];
	banksync.list(section.querySelector("[data-list]"), {
		...{ rows, count, heads, chosen, changed },
		cells: (row) => [
			banksync.pill(row.label, banksync.KINDS[row.kind]),
			banksync.day(row.date),
			banksync.label(row.description, row.why, row.transaction),
			banksync.money(row.amount, row.currency),
		],
	});
	const take = async (which) => {
		const args = { bank_account, connection, since, ...which };
		const run = await banksync.call("dokos_banksync.api.review.take_missing", args);
		banksync.refresh();
		await taken(run);
	};
	banksync.on_click(section, "[data-take=chosen]", () => take({ chosen: JSON.stringify([...chosen]) }), section);
	banksync.on_click(section, "[data-take=all]", () => take({ everything: "1" }), section);
};
