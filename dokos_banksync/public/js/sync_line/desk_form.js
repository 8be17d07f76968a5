// The Sync Line form on a Frappe Desk: a row that could not be read has no day and no amount, only its text.
frappe.ui.form.on("Sync Line", {
	refresh(frm) {
		banksync.show_message(frm, "note");
		show_in_the_time_zone_of_the_site(frm);
		if (frm.doc.reason === "Refused") frm.get_field("section_raw").collapse?.(false);
	},
});

// Stored in UTC, as the provider gave it; every other moment of the form is in the time zone of the site.
function show_in_the_time_zone_of_the_site(frm) {
	const { df } = frm.fields_dict.remote_updated_at;
	const zone = frappe.boot.time_zone?.system || frappe.sys_defaults.time_zone;
	df.formatter = (value) =>
		value ? frappe.datetime.str_to_user(moment.utc(value).tz(zone).format(frappe.defaultDatetimeFormat)) : "";
	frm.set_df_property("remote_updated_at", "label", __("Changed by the provider"));
}
