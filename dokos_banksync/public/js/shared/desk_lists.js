// Lists of the Desk that keep their money in sight: Frappe shows four columns on most laptops.
frappe.provide("banksync");

banksync.PHONE = 768; // pixels; below, Frappe shows the first column alone

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
