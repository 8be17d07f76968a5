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
	banksync.let_keys_scroll(body);
	banksync.keep_tables_open(body, shown.bank_account);
};

// Drawn again after an import, the tables that the user opened are open.
banksync.keep_tables_open = (body, bank_account) => {
	const open = ((banksync.open_tables ??= {})[bank_account] ??= []);
	body.querySelectorAll("details").forEach((table, place) => {
		table.open = Boolean(open[place]);
		table.addEventListener("toggle", () => (open[place] = table.open));
	});
};

// A table may be wider than a phone: what scrolls must take the focus, so that keys scroll it.
banksync.let_keys_scroll = (place) =>
	place.querySelectorAll(".table-responsive:not([tabindex])").forEach((box) => {
		box.tabIndex = 0;
		box.setAttribute("role", "group");
		box.setAttribute("aria-label", box.closest("section").querySelector("h3").textContent);
	});

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
		const title = __("{0}: {1}", [banksync.month(first), `${money(money_in)}, ${money(money_out)}`]);
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

// A printed page has no triangle to click: its tables are open.
window.addEventListener("beforeprint", () =>
	document.querySelectorAll(".banksync-pictures details").forEach((table) => (table.open = true))
);
