// How a statement file is read: what each column holds, how days and amounts are written, which account it is of.
frappe.provide("banksync");

banksync.NO_COLUMN = "-";

banksync.show_reading = (place, reading, again) => {
	const { problem, format, remarks = [], refused = [], refused_count = 0 } = reading;
	const facts = [format, reading.balance && __("balance {0} on {1}", [banksync.money(reading.balance, reading.currency), banksync.day(reading.balance_day)])];
	const cut = refused_count > refused.length ? __("The first {0} of {1} are shown.", [refused.length, refused_count]) : "";
	const rows = refused.map(({ row, reason, text }) => [String(row), banksync.esc(reason), banksync.label(text)]);
	// Read again, it stays open, and the focus stays on its button.
	const open = problem || place.querySelector("[data-how]")?.open;
	const had_focus = document.activeElement?.matches("[data-again]") && place.contains(document.activeElement);
	place.innerHTML = `
		${problem ? `<p>${banksync.pill(__("Say how to read it"), "orange")} ${banksync.esc(problem)}</p>` : `<p><b>${facts.filter(Boolean).join(" · ")}</b></p>`}
		${banksync.mismatches(reading)}
		${remarks.map((remark) => `<p class="small text-muted">${banksync.esc(remark)}</p>`).join("")}
		<details data-how ${open ? "open" : ""} class="mb-3"><summary>${__("How the file is read")}</summary>
			${banksync.columns_table(reading)}
			<p class="d-flex flex-wrap align-items-center justify-content-between">${banksync.reading_choices(reading)}
			<button type="button" class="btn btn-default btn-sm" data-again>${__("Read it again")}</button></p></details>
		${rows.length ? `<details open class="mb-3"><summary>${__("Rows that cannot be read: {0}", [refused_count])}</summary>
			${banksync.table([[__("Row")], __("Reason"), __("Text")], rows)}<p class="small text-muted">${cut}</p></details>` : ""}`;
	banksync.on_click(place, "[data-again]", () => again(banksync.chosen_options(place, reading)));
	if (had_focus) place.querySelector("[data-again]").focus();
};

// What contradicts the rows, and the confirmation without which nothing is imported.
banksync.mismatches = ({ mismatches = [], problem }) => {
	if (!mismatches.length) return "";
	const agreed = problem ? "" : "checked";
	return `<ul>${mismatches.map((text) => `<li>${banksync.esc(text)}</li>`).join("")}</ul>
		<p><label><input type="checkbox" data-option="accept_mismatches" value="1" ${agreed}>
		${__("Import the file all the same")}</label></p>`;
};

banksync.choice = (name, label, options, value, none) => `
	<label class="mr-3"><span class="small text-muted">${label}</span>
		<select class="form-control" data-option="${name}">
			${none === undefined ? "" : `<option value="">${none}</option>`}
			${options.map(([key, text]) => `<option value="${banksync.esc(key)}" ${key === value ? "selected" : ""}>${banksync.esc(text)}</option>`).join("")}
		</select></label>`;

banksync.reading_choices = (reading) => {
	const { orders, marks, signs, dates, decimal, sign, sheet, sheets = [], accounts = [], account, columns, problem } = reading;
	const days = {
		...{ DMY: __("day, month, year"), MDY: __("month, day, year") },
		...{ YMD: __("year, month, day"), YDM: __("year, day, month") },
	};
	const amounts = { ",": __("1 234,50"), ".": __("1,234.50") };
	const meanings = {
		normal: __("positive is money in"),
		reversed: __("positive is money out"),
		unsigned: __("debit and credit count, a minus does not"),
	};
	const found = __("Find out");
	const choices = columns.length || problem
		? [
				banksync.choice("dates", __("Days"), orders.map((one) => [one, days[one]]), dates, found),
				banksync.choice("decimal", __("Amounts"), marks.map((one) => [one, amounts[one]]), decimal, found),
				banksync.choice("sign", __("Sign"), signs.map((one) => [one, meanings[one]]), sign, found),
		  ]
		: [];
	if (sheets.length) choices.unshift(banksync.choice("sheet", __("Sheet or table"), sheets.map((one) => [one, one]), sheet, __("Choose…")));
	const numbers = accounts.filter(Boolean).map((one) => [one, one]);
	if (numbers.length) choices.push(banksync.choice("account", __("Account in the file"), numbers, account, found));
	return `<span class="d-flex flex-wrap">${choices.join("")}</span>`;
};

banksync.columns_table = ({ columns, roles, mapping = {} }) => {
	if (!columns.length) return "";
	// Without a mapping the titles are read again; with one, a column may be said to hold nothing.
	const none = Object.keys(mapping).length ? __("not used") : __("Find out");
	const role_of = (name) => Object.keys(mapping).find((role) => mapping[role] === name) || "";
	const rows = columns.map(({ name, examples }, index) => [
		`<b>${banksync.esc(name)}</b>`,
		`<span class="small text-muted wide">${examples.map(banksync.esc).join(" · ")}</span>`,
		`<select class="form-control" data-column="${index}" aria-label="${banksync.esc(name)}">
			<option value="">${none}</option>
			${roles.map(({ role, label }) => `<option value="${role}" ${role === role_of(name) ? "selected" : ""}>${banksync.esc(label)}</option>`).join("")}
		</select>`,
	]);
	return banksync.table([__("Column"), __("For example"), __("It holds")], rows);
};

// What the person says; what was found for a role that no column has any more is taken back.
banksync.chosen_options = (place, { columns, mapping = {} }) => {
	const chosen = {};
	place.querySelectorAll("[data-column]").forEach(({ value, dataset }) => {
		if (value) chosen[value] = columns[Number(dataset.column)].name;
	});
	Object.keys(mapping).forEach((role) => (chosen[role] ??= banksync.NO_COLUMN));
	const choices = [...place.querySelectorAll("[data-option]")].map(({ dataset, type, checked, value }) => [
		dataset.option,
		type === "checkbox" && !checked ? "" : value,
	]);
	return { columns: chosen, ...Object.fromEntries(choices) };
};
