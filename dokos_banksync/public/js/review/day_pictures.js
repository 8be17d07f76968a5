// The calendar of fetched days, and the latest runs.
frappe.provide("banksync");

// A row for each month, a column for each day of the month.
banksync.calendar_picture = ({ stretches, months }) => {
	const rows = new Map(months.map(({ first }, row) => [first.slice(0, 7), row]));
	const labels = months.map(({ first }, row) => `<text x="0" y="${31 + row * 16}">${banksync.esc(banksync.month(first))}</text>`);
	const numbers = Array.from({ length: 31 }, (_, at) => `<text x="${84 + at * 16}" y="12">${at + 1}</text>`);
	const boxes = stretches.flatMap((stretch) => banksync.days_of(stretch).map((day) => banksync.day_box(stretch, day, rows.get(day.slice(0, 7)))));
	const known = new Map(stretches.map(({ state, label }) => [banksync.DAYS[state], label]));
	return banksync.picture({
		title: __("Days"),
		words: banksync.days_in_words(stretches),
		svg: (role) => `<div class="scroll table-responsive" tabindex="0" role="group" aria-label="${__("Days")}">
			<svg class="banksync-calendar" width="580" height="${20 + months.length * 16}" font-size="9" ${role}>
			<g fill="currentColor">${labels.join("")}${numbers.join("")}</g>${boxes.join("")}</svg></div>`,
		legend: [...known],
		table: banksync.table(
			[__("Day"), __("State"), [__("Bank Transactions")]],
			stretches
				.map(({ first, last, label, transactions }) => [`${banksync.day(first)} – ${banksync.day(last)}`, banksync.esc(label), String(transactions)])
				.reverse()
		),
	});
};

banksync.days_of = ({ first, days }) =>
	Array.from({ length: days }, (_, after) => new Date(Date.parse(first) + after * 86400000).toISOString().slice(0, 10));

banksync.day_box = ({ state, label }, day, row) => {
	const x = 82 + (Number(day.slice(8)) - 1) * 16;
	return `<rect x="${x}" y="${20 + row * 16}" width="14" height="14" fill="${banksync.DAYS[state]}">
		<title>${__("{0}: {1}", [banksync.day(day), banksync.esc(label)])}</title></rect>`;
};

banksync.run_picture = ({ runs }) => {
	if (!runs.length) return "";
	const color = (status) => banksync.RUN_COLORS[status] || banksync.INK.axis;
	const boxes = runs.map(
		({ at, status }, number) => `<rect x="${number * 16}" width="13" height="20" fill="${color(status)}">
			<title>${__("{0}: {1}", [banksync.day(at), __(status)])}</title></rect>`
	);
	const counts = new Map();
	runs.forEach(({ status }) => counts.set(status, (counts.get(status) || 0) + 1));
	return banksync.picture({
		title: __("Latest runs"),
		words: [...counts].map(([status, count]) => __("{0}: {1}", [__(status), count])).join(", "),
		svg: (role) => `<svg class="banksync-runs" width="100%" height="20" viewBox="0 0 ${Math.max(runs.length * 16, 320)} 20" preserveAspectRatio="xMinYMid meet" ${role}>${boxes.join("")}</svg>`,
		legend: [...counts.keys()].map((status) => [color(status), __(status)]),
		table: banksync.table(
			[__("Day"), __("State"), __("Started by"), [__("Imported", null, "Sync Run")], [__("Not imported", null, "Sync Run")]],
			runs.map((run) => [banksync.run_link(run), __(run.status), banksync.esc(run.started_by), String(run.created), String(run.held)]).reverse()
		),
	});
};

banksync.run_link = ({ name, at }) => frappe.utils.get_form_link("Sync Run", name, true, banksync.day(at));
