// "Proof": the balances, what a difference is made of, and the days that were fetched.
frappe.provide("banksync");

banksync.proof_dialog = async (bank_account) => {
	// On paper the name is needed, too.
	const dialog = banksync.window(`${__("Proof")} – ${banksync.esc(bank_account)}`, {
		fields: [{ fieldname: "since", fieldtype: "Date", label: __("Days from"), default: banksync.some_days_ago(180) }],
		primary_action_label: __("Show"),
		primary_action: () => banksync.work_once(dialog, () => banksync.show_proof(dialog, bank_account)),
	});
	await banksync.work_once(dialog, () => banksync.show_proof(dialog, bank_account));
};

banksync.show_proof = async (dialog, bank_account) => {
	const args = { bank_account, since: dialog.get_value("since") || "" };
	const newest = banksync.newest(dialog, "proof");
	const proof = await frappe.xcall("dokos_banksync.api.proof.account_proof", args);
	if (!newest()) return;
	const place = banksync.place(
		dialog,
		`<p>${banksync.proof_sentence(proof)}</p>${banksync.came_since(proof)}${banksync.balances(proof)}
		${proof.causes.map((cause) => banksync.cause(cause, proof.currency)).join("")}
		${banksync.accept_button(proof)}${banksync.to_come(proof)}${banksync.coverage(proof.coverage)}`
	);
	banksync.on_click(place, "[data-gap]", ({ dataset }) => {
		dialog.hide();
		banksync.missing_dialog(bank_account, dataset.gap);
	});
	banksync.on_click(place, "[data-run]", ({ dataset }) => banksync.go(dialog, "Sync Run", dataset.run));
	banksync.on_click(place, "[data-accept]", () =>
		banksync.ask_to_accept(dialog, bank_account, proof.checked.difference)
	);
};

banksync.proof_sentence = ({ state, checked, currency, first_day, proven_at }) => {
	if (state === "unchecked") return banksync.pill(__("Not compared with the bank yet"), "gray");
	const balance = banksync.money(checked.bank_balance, currency);
	if (state === "complete")
		return `${banksync.pill(__("Agrees"), "green")} ${__("The bank and the books agree on {0}, at {1}", [
			balance,
			banksync.day(checked.at),
		])}`;
	const off = banksync.money(checked.difference.replace("-", ""), currency);
	const parts = [
		checked.difference.startsWith("-")
			? __("The bank has {0}, and the books {1} more", [balance, off])
			: __("The bank has {0}, and the books {1} less", [balance, off]),
		first_day && __("The difference began on {0} at the earliest", [banksync.day(first_day)]),
		proven_at && __("They last agreed at {0}", [banksync.day(proven_at)]),
	];
	return `${banksync.pill(__("Differs"), "orange")} ${parts.filter(Boolean).join(" · ")}`;
};

banksync.came_since = ({ since, currency }) =>
	since
		? `<p>${banksync.pill(__("Changed since"), "orange")} ${__(
				"{0} was booked after that: the next fetch checks the balance again.",
				[banksync.money(since, currency)]
		  )}</p>`
		: "";

banksync.balances = ({ currency, opening, opening_date, movements, balance, checked }) => {
	const rows = [
		[__("Opening balance") + (opening_date ? `, ${banksync.day(opening_date)}` : ""), opening],
		[__("Movements"), movements],
		[`<b>${__("Balance here")}</b>`, balance],
	];
	if (checked) {
		const run = `<button type="button" class="btn btn-link btn-sm p-0" data-run="${banksync.esc(checked.run)}">${banksync.day(checked.at)}</button>`;
		rows.push([`${__("Balance at the bank")}, ${run}`, checked.bank_balance]);
	}
	const unknown = `<span class="text-muted">${__("not known")}</span>`;
	const cells = rows.map(([label, amount]) => [label, amount === null ? unknown : banksync.money(amount, currency)]);
	return banksync.table(["", [banksync.esc(currency)]], cells);
};

// What the bank has announced and not booked yet, by day.
banksync.to_come = ({ to_come, currency }) => {
	if (!to_come) return "";
	const { days, count } = to_come;
	const rows = days.map(({ date, rows: number, amount, balance }) => [
		banksync.day(date),
		String(number),
		banksync.money(amount, currency),
		banksync.money(balance, currency),
	]);
	const cut = count > days.length ? __("The first {0} of {1} are shown.", [days.length, count]) : "";
	return `<h3 class="h5">${__("Announced or pending, not booked yet")}</h3>
		${banksync.table([__("Day"), [__("Lines")], [__("Amount")], [__("Balance to come")]], rows)}
		<p class="small text-muted">${cut}</p>`;
};

// An amount here is what the row adds to the bank's balance minus ours: of a row that the books have too many, it is the opposite.
banksync.cause = ({ message, reason, amount, exact, count, items }, currency) => {
	const rows = items.map((item) => [
		banksync.day(item.date),
		banksync.label(item.description, item.why, item.name),
		banksync.money(item.amount, currency),
	]);
	const cut = count > items.length ? __("The first {0} of {1} are shown.", [items.length, count]) : "";
	const pill = exact ? banksync.pill(__("This is the difference"), "orange") : banksync.pill(__("May be a part of it"), "gray");
	return `<section><p>${pill} ${banksync.esc(message)} ${reason ? `(${banksync.esc(reason)})` : ""}
		<b>${banksync.money(amount, currency)}</b></p>
		${banksync.table([__("Date"), __("Description"), [__("Part of the difference")]], rows)}<p class="small text-muted">${cut}</p></section>`;
};

banksync.accept_button = ({ state, opening }) =>
	state === "differs" && opening !== null
		? `<p class="text-right"><button type="button" class="btn btn-default btn-sm" data-accept>
			${__("Add the difference to the opening balance")}</button></p>`
		: "";

banksync.ask_to_accept = (dialog, bank_account, difference) =>
	frappe.confirm(
		__("Do this only if the opening balance is wrong: the difference is added to it and no longer reported. Continue?"),
		() =>
			banksync.work_once(dialog, async () => {
				const args = { bank_account, difference };
				banksync.announce(await frappe.xcall("dokos_banksync.api.proof.accept_difference", args));
				await banksync.show_proof(dialog, bank_account);
			})
	);
