// The days of a proof: a strip, what its colours mean, the same in words, and what to do about gaps.
frappe.provide("banksync");

banksync.DAYS = { fetched: "#2f9e62", empty: "#b5dcc5", failed: "#d9534f", never: "#c9ced6" };

banksync.coverage = ({ days, stretches, fetched }) => {
	let at = 0;
	const boxes = stretches.map(({ days: width, state, first, last, label }) => {
		const title = __("{0}: {1}", [`${banksync.day(first)} – ${banksync.day(last)}`, banksync.esc(label)]);
		const box = `<rect x="${at}" width="${width}" height="20" fill="${banksync.DAYS[state]}"><title>${title}</title></rect>`;
		at += width;
		return box;
	});
	const known = new Map(stretches.map(({ state, label }) => [state, label]));
	const legend = [...known].map(
		([state, label]) =>
			`<span class="mr-3"><svg width="10" height="10" aria-hidden="true"><rect width="10" height="10" fill="${banksync.DAYS[state]}"/></svg> ${banksync.esc(label)}</span>`
	);
	return `<h3 class="h5">${__("Days")}</h3>
		<svg class="banksync-strip w-100" height="20" viewBox="0 0 ${days} 20" preserveAspectRatio="none" role="img"
			aria-label="${banksync.esc(banksync.days_in_words(stretches))}">${boxes.join("")}</svg>
		<p class="small text-muted">${legend.join(" ")}</p>${banksync.gaps(stretches, fetched)}${banksync.days_as_list(stretches)}`;
};

// What the strip says, without its colours: how many days of each state, and each stretch of days in a list.
banksync.days_in_words = (stretches) => {
	const sums = new Map();
	stretches.forEach(({ label, days }) => sums.set(label, (sums.get(label) || 0) + days));
	return [...sums].map(([label, days]) => __("{0}: {1}", [label, days])).join(", ");
};

banksync.days_as_list = (stretches) => {
	const rows = stretches
		.slice(-banksync.PAGE)
		.reverse()
		.map(({ first, last, days, label }) => [`${banksync.day(first)} – ${banksync.day(last)}`, banksync.esc(label), String(days)]);
	return `<details><summary>${__("The days as a list")}</summary>
		${banksync.table([__("Day"), __("State"), [__("Days")]], rows)}</details>`;
};

// A gap is filled by asking the bank; without a connection there is none to ask.
banksync.gaps = (stretches, fetched) => {
	const gaps = stretches.filter(({ gap }) => gap);
	if (!gaps.length) return `<p>${banksync.pill(__("No gap"), "green")}</p>`;
	const button = (first) =>
		`<button type="button" class="btn btn-default btn-sm" data-gap="${banksync.esc(first)}">${__("Fill this gap")}</button>`;
	const rows = gaps.slice(-banksync.PAGE).map(({ first, last, days, label }) => [
		`${banksync.day(first)} – ${banksync.day(last)}`,
		banksync.esc(label),
		String(days),
		...(fetched ? [button(first)] : []),
	]);
	const hint = fetched ? "" : `<p class="small text-muted">${__("A statement file of these days fills the gaps.")}</p>`;
	return banksync.table([__("Day"), __("State"), [__("Days")], ...(fetched ? [""] : [])], rows) + hint;
};
