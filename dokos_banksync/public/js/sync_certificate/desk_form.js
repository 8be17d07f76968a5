// The Sync Certificate form: the page behind the sums. Whether it still holds is said by a script of both Desks.
frappe.ui.form.on("Sync Certificate", {
	refresh(frm) {
		if (!frm.is_new()) frm.get_field("page_html").$wrapper.html(certificate_page(frm.doc));
	},
});

function certificate_page({ rows, currency }) {
	const { days, stretches, held, held_count } = typeof rows === "string" ? JSON.parse(rows) : rows;
	const { day, esc, money, table } = banksync;
	const period = (first, last) => (first === last ? day(first) : `${day(first)} – ${day(last)}`);
	const amounts = [[__("Money in")], [__("Money out")], [__("Bank Transactions")], [__("Balance")]];
	const left_out = held.map(([date, amount, label, reason]) => [day(date), esc(label), __(reason), money(amount, currency)]);
	const cut = held_count > held.length ? __("The first {0} of {1} are shown.", [held.length, held_count]) : "";
	return `
		<h5>${__("Days fetched")}</h5>
		${table([__("Day"), __("State"), [__("Bank Transactions")]], stretches.map(([first, last, state, number]) => [period(first, last), __(state), String(number)]))}
		${held.length ? `<h5>${__("Rows of the bank that are not counted above")}</h5>` : ""}
		${held.length ? table([__("Date"), __("Description"), __("Reason"), [__("Amount")]], left_out) : ""}<p class="small text-muted">${cut}</p>
		<h5>${__("Day by day")}</h5>
		${table([__("Date"), ...amounts], days.map(([date, into, out, number, left]) => [day(date), money(into, currency), money(out, currency), String(number), money(left, currency)]))}`;
}
