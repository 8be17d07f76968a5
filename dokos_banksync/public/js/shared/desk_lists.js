// Lists of the Desk that keep their money in sight: Frappe shows four columns on most laptops.
frappe.provide("banksync");

banksync.PHONE = 768; // pixels; below, Frappe shows the first column alone

// Puts facts before the title of each row on a phone, where Frappe shows the first column alone. The host's own functions
// escape the text. Frappe 15 and later get the title as an argument, too.
banksync.show_on_phone = (listview, facts) => {
	if (window.innerWidth >= banksync.PHONE || !listview.columns?.length) return;
	const { fieldname } = listview.columns[0].df;
	const name = listview.get_subject_element ? "get_subject_element" : "get_subject_html";
	const theirs = listview[name]?.bind(listview);
	if (!theirs) return;
	listview[name] = (doc, title) => {
		const text = [...facts(doc), title || doc[fieldname]].filter(Boolean).join(" · ");
		return theirs({ ...doc, [fieldname]: text }, text);
	};
};

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
