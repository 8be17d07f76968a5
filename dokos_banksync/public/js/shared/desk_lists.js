// Lists of the Desk that keep their money in sight: Frappe shows four columns on most laptops, and one on a phone.
frappe.provide("banksync");

banksync.PHONE = 768;

// Adds columns of the list that its width left out, unless the site has a choice of its own in List Settings.
banksync.show_columns = (listview, fieldnames) => {
	const { fields, total_fields } = listview.list_view_settings || {};
	if (fields || total_fields || !listview.columns || window.innerWidth < banksync.PHONE) return;
	const shown = new Set(listview.columns.map(({ df }) => df?.fieldname));
	const added = fieldnames
		.map((fieldname) => frappe.meta.get_docfield(listview.doctype, fieldname))
		.filter((df) => df && !shown.has(df.fieldname));
	if (!added.length) return;
	listview.columns = [...listview.columns.filter(({ type }) => type !== "Tag"), ...added.map((df) => ({ type: "Field", df }))];
	listview.render_header(true);
};

// The first column on a phone, where it is the only one: day, amount and label.
banksync.row_title = (value, df, doc) => {
	if (window.innerWidth >= banksync.PHONE || !doc.date || doc.reason === "Refused") return value;
	const amount = doc.amount ?? (doc.deposit ?? doc.credit ?? 0) - (doc.withdrawal ?? doc.debit ?? 0);
	const money = format_currency(amount, doc.currency, banksync.decimals(doc.currency));
	return [frappe.datetime.str_to_user(doc.date), money, doc.description || value].join(" · ");
};
