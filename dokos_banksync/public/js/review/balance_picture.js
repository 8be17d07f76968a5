// The balance over time, beside the bank's.
frappe.provide("banksync");

banksync.balance_picture = ({ balances, first, last, currency }) => {
	const title = __("Balance");
	const known = balances.flatMap(({ balance, at_bank }) => [balance, at_bank]).filter((text) => text !== null);
	const money = (text) => banksync.money(text, currency);
	if (!known.length)
		return `<section class="mb-4"><h3 class="h5">${title}</h3>${banksync.nothing(
			__("No balance is known yet: neither the bank nor a statement gave one.")
		)}</section>`;
	const low = Math.min(0, ...known.map(Number));
	const high = Math.max(0, ...known.map(Number));
	const rows = balances.map(({ day, balance, at_bank }) => [banksync.day(day), money(balance), money(at_bank)]);
	const place = banksync.scale(first, last, low, high);
	return banksync.picture({
		title,
		words: __("Balance from {0} to {1}, between {2} and {3}", [
			...[first, last].map((day) => frappe.datetime.str_to_user(day)),
			...[low, high].map((amount) => banksync.plain(amount, currency)),
		]),
		svg: (role) => `${banksync.ends(money(high), "")}
			<svg class="banksync-chart w-100" width="100%" height="160" viewBox="0 0 1000 160" preserveAspectRatio="none" ${role}>
			${banksync.level(place(first, 0)[1])}${banksync.balance_line(balances, place)}${banksync.bank_dots(balances, place)}</svg>
			${banksync.ends(money(low), "")}`,
		below: banksync.ends(banksync.day(first), banksync.day(last)),
		legend: [
			[banksync.INK.ours, __("Balance here")],
			[banksync.INK.bank, __("Balance at the bank")],
		],
		table: banksync.table([__("Day"), [__("Balance here")], [__("Balance at the bank")]], rows.reverse()),
	});
};

banksync.plain = (amount, currency) => format_currency(amount, currency, banksync.decimals(currency));

// Where a day and an amount lie in a picture of 1000 by 160.
banksync.scale = (first, last, low, high) => {
	const [start, end] = [first, last].map(Date.parse);
	const span = high - low || 1;
	return (day, amount) => [
		(1000 * (Date.parse(day) - start)) / (end - start || 1),
		150 - (140 * (Number(amount) - low)) / span,
	];
};

banksync.level = (y) =>
	`<path d="M0 ${y}H1000" stroke="${banksync.INK.axis}" stroke-dasharray="3 3" vector-effect="non-scaling-stroke"/>`;

// Steps: a balance holds until the next movement. A stretch without a known balance is left open. They are no paths:
// the Desk gives the paths of its icons, and all others, its own colour.
banksync.balance_line = (balances, place) => {
	const lines = [[]];
	balances.forEach(({ day, balance }) => {
		if (balance === null) return lines.push([]);
		const [x, y] = place(day, balance);
		const before = lines.at(-1).at(-1);
		lines.at(-1).push(...(before ? [[x, before[1]]] : []), [x, y]);
	});
	return lines
		.filter(({ length }) => length)
		.map((points) => `<polyline points="${points.join(" ")}" fill="none" stroke="${banksync.INK.ours}" stroke-width="2" vector-effect="non-scaling-stroke"/>`)
		.join("");
};

// A line of no length with round ends is a dot that stays round when the picture is stretched.
banksync.bank_dots = (balances, place) =>
	balances
		.filter(({ at_bank }) => at_bank !== null)
		.map(({ day, at_bank }) => place(day, at_bank))
		.map(([x, y]) => `<line x1="${x}" y1="${y}" x2="${x}" y2="${y}" stroke="${banksync.INK.bank}" stroke-width="7" stroke-linecap="round" vector-effect="non-scaling-stroke"/>`)
		.join("");
