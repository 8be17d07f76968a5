// The pictures of a Bank Account: plain SVG, so that they print, need no library and obey a strict content policy.
// Texts stand beside a picture, not in it: it is stretched to the width of the page. Each has its table.
frappe.provide("banksync");

banksync.INK = { ours: "#1f5fc4", bank: "#b45309", money_in: "#2f9e62", money_out: "#b4413c", axis: "#8a919c" };
banksync.RUN_COLORS = { Success: "#2f9e62", Partial: "#d97706", Failed: "#d9534f", Running: "#1f5fc4" };

banksync.show_pictures = async (frm) => {
	const args = { bank_account: frm.doc.name };
	const shown = await frappe.xcall("dokos_banksync.api.pictures.account_pictures", args);
	if (shown.bank_account !== frm.doc.name) return; // the user went on to another account meanwhile
	frm.banksync_pictures?.remove();
	const [body] = frm.dashboard.add_section(banksync.pictures(shown), __("The last twelve months"));
	frm.banksync_pictures = body.parentElement;
};

banksync.pictures = (shown) =>
	`<div class="banksync-pictures">${[
		banksync.balance_picture(shown),
		banksync.month_picture(shown),
		banksync.category_picture(shown),
		banksync.calendar_picture(shown),
		banksync.run_picture(shown),
	].join("")}</div>`;

// One picture: its heading, what it says in words for who does not see it, what its colours mean, and its table.
banksync.picture = ({ title, words, svg, legend = [], below = "", table }) => {
	const keys = legend.map(
		([color, label]) => `<span class="mr-3"><svg width="10" height="10" aria-hidden="true">
			<rect width="10" height="10" fill="${color}"/></svg> ${banksync.esc(label)}</span>`
	);
	return `<section class="banksync-picture mb-4"><h3 class="h5">${title}</h3>
		${svg(`role="img" aria-label="${banksync.esc(words)}"`)}
		${below}<p class="small text-muted">${keys.join(" ")}</p>
		<details><summary>${__("The same as a table")}</summary>${table}</details></section>`;
};

// Texts at both ends of a picture's line.
banksync.ends = (left, right) =>
	`<p class="small text-muted d-flex justify-content-between banksync-ends"><span>${left}</span><span>${right}</span></p>`;

// -- balance -------------------------------------------------------------------------------------------
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

// Steps: a balance holds until the next movement. A stretch without a known balance is left open.
banksync.balance_line = (balances, place) => {
	let drawn = false;
	const steps = balances.map(({ day, balance }) => {
		if (balance === null) {
			drawn = false;
			return "";
		}
		const [x, y] = place(day, balance);
		const step = drawn ? `H${x}V${y}` : `M${x} ${y}`;
		drawn = true;
		return step;
	});
	return `<path d="${steps.join("")}" fill="none" stroke="${banksync.INK.ours}" stroke-width="2" vector-effect="non-scaling-stroke"/>`;
};

// A line of no length with round ends is a dot that stays round when the picture is stretched.
banksync.bank_dots = (balances, place) =>
	balances
		.filter(({ at_bank }) => at_bank !== null)
		.map(({ day, at_bank }) => `M${place(day, at_bank).join(" ")}h0`)
		.map((d) => `<path d="${d}" stroke="${banksync.INK.bank}" stroke-width="7" stroke-linecap="round" vector-effect="non-scaling-stroke"/>`)
		.join("");

// -- money by month and category -------------------------------------------------------------------------
banksync.month = (first) =>
	new Intl.DateTimeFormat(banksync.language(), { month: "short", year: "numeric", timeZone: "UTC" }).format(new Date(first));

banksync.language = () => document.documentElement.lang || "en";

banksync.month_picture = ({ months, currency }) => {
	const money = (text) => banksync.money(text, currency);
	const most = Math.max(1, ...months.flatMap(({ money_in, money_out }) => [Number(money_in), -Number(money_out)]));
	const width = 1000 / months.length;
	const bar = (place, amount, color) =>
		`<rect x="${place}" y="${75 - Math.max(0, (70 * amount) / most)}" width="${width * 0.7}" height="${(70 * Math.abs(amount)) / most}" fill="${color}"/>`;
	const bars = months.map(({ first, money_in, money_out }, number) => {
		const title = `${banksync.month(first)}: ${money(money_in)}, ${money(money_out)}`;
		const x = number * width + width * 0.15;
		return `<g><title>${title}</title>${bar(x, Number(money_in), banksync.INK.money_in)}${bar(x, Number(money_out), banksync.INK.money_out)}</g>`;
	});
	return banksync.picture({
		title: __("Money in and out by month"),
		words: __("Money in and out of {0} months; the most in a month is {1}", [months.length, banksync.plain(most, currency)]),
		svg: (role) => `<svg class="banksync-chart w-100" width="100%" height="150" viewBox="0 0 1000 150" preserveAspectRatio="none" ${role}>
			${bars.join("")}${banksync.level(75)}</svg>`,
		below: banksync.ends(banksync.month(months[0].first), banksync.month(months.at(-1).first)),
		legend: [
			[banksync.INK.money_in, __("Money in")],
			[banksync.INK.money_out, __("Money out")],
		],
		table: banksync.table(
			[__("Month"), [__("Money in")], [__("Money out")], [__("Bank Transactions")]],
			months.map((one) => [banksync.month(one.first), ...banksync.month_cells(one, money)]).reverse()
		),
	});
};

// Of a month that was never fetched no sum is known, not even zero.
banksync.month_cells = ({ known, money_in, money_out, count }, money) =>
	known ? [money(money_in), money(money_out), String(count)] : ["", "", __("Never asked")];

// A table that is a picture too: a bar of the turnover beside each category.
banksync.category_picture = ({ categories, currency }) => {
	if (!categories.length) return "";
	const money = (text) => banksync.money(text, currency);
	const most = Math.max(1, ...categories.map(({ money_in, money_out }) => Number(money_in) - Number(money_out)));
	const part = (amount) => (100 * Math.abs(Number(amount))) / most;
	const bar = ({ money_in, money_out }) => `
		<svg class="banksync-bar" width="100" height="10" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
		<rect width="${part(money_in)}" height="10" fill="${banksync.INK.money_in}"/>
		<rect x="${part(money_in)}" width="${part(money_out)}" height="10" fill="${banksync.INK.money_out}"/></svg>`;
	const rows = categories.map((one) => [
		`<span class="wide">${banksync.esc(one.category)}${bar(one)}</span>`,
		money(one.money_in),
		money(one.money_out),
		String(one.count),
	]);
	const heads = [__("Category"), [__("Money in")], [__("Money out")], [__("Bank Transactions")]];
	return `<section class="banksync-picture mb-4"><h3 class="h5">${__("Money in and out by category")}</h3>${banksync.table(heads, rows)}</section>`;
};

// -- days and runs ---------------------------------------------------------------------------------------
// A row for each month, a column for each day of the month.
banksync.calendar_picture = ({ stretches, months }) => {
	const rows = new Map(months.map(({ first }, row) => [first.slice(0, 7), row]));
	const labels = months.map(({ first }, row) => `<text x="0" y="${31 + row * 16}">${banksync.esc(banksync.month(first))}</text>`);
	const numbers = Array.from({ length: 31 }, (_, at) => `<text x="${84 + at * 16}" y="12">${at + 1}</text>`);
	const boxes = stretches.flatMap((stretch) => banksync.days_of(stretch).map((day) => banksync.day_box(stretch, day, rows.get(day.slice(0, 7)))));
	const known = new Map(stretches.map(({ state, told }) => [banksync.DAYS[state], told]));
	return banksync.picture({
		title: __("Days"),
		words: banksync.days_in_words(stretches),
		svg: (role) => `<div class="scroll table-responsive" tabindex="0" role="group" aria-label="${__("Days")}">
			<svg class="banksync-calendar" width="580" height="${20 + months.length * 16}" font-size="9" fill="currentColor" ${role}>
			${labels.join("")}${numbers.join("")}${boxes.join("")}</svg></div>`,
		legend: [...known],
		table: banksync.table(
			[__("Day"), __("State"), [__("Bank Transactions")]],
			stretches
				.map(({ first, last, told, transactions }) => [`${banksync.day(first)} – ${banksync.day(last)}`, banksync.esc(told), String(transactions)])
				.reverse()
		),
	});
};

banksync.days_of = ({ first, days }) =>
	Array.from({ length: days }, (_, after) => new Date(Date.parse(first) + after * 86400000).toISOString().slice(0, 10));

banksync.day_box = ({ state, told }, day, row) => {
	const x = 82 + (Number(day.slice(8)) - 1) * 16;
	return `<rect x="${x}" y="${20 + row * 16}" width="14" height="14" fill="${banksync.DAYS[state]}">
		<title>${banksync.day(day)}: ${banksync.esc(told)}</title></rect>`;
};

banksync.run_picture = ({ runs }) => {
	if (!runs.length) return "";
	const color = (status) => banksync.RUN_COLORS[status] || banksync.INK.axis;
	const boxes = runs.map(
		({ at, status }, number) => `<rect x="${number * 16}" width="13" height="20" fill="${color(status)}">
			<title>${banksync.day(at)}: ${__(status)}</title></rect>`
	);
	const counts = new Map();
	runs.forEach(({ status }) => counts.set(status, (counts.get(status) || 0) + 1));
	return banksync.picture({
		title: __("Latest runs"),
		words: [...counts].map(([status, count]) => __("{0}: {1}", [__(status), count])).join(", "),
		svg: (role) => `<svg class="banksync-runs" width="100%" height="20" viewBox="0 0 ${Math.max(runs.length * 16, 320)} 20" preserveAspectRatio="xMinYMid meet" ${role}>${boxes.join("")}</svg>`,
		legend: [...counts.keys()].map((status) => [color(status), __(status)]),
		table: banksync.table(
			[__("Day"), __("State"), __("Started by"), [__("New")], [__("Held back")]],
			runs.map((run) => [banksync.run_link(run), __(run.status), banksync.esc(run.started_by), String(run.created), String(run.held)]).reverse()
		),
	});
};

banksync.run_link = ({ name, at }) => frappe.utils.get_form_link("Sync Run", name, true, banksync.day(at));

// A printed page has no triangle to click: its tables are open.
window.addEventListener("beforeprint", () =>
	document.querySelectorAll(".banksync-pictures details").forEach((table) => (table.open = true))
);
