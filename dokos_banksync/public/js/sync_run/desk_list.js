// The list of runs: how each one ended.
frappe.listview_settings["Sync Run"] = {
	add_fields: ["status", "trigger", "subject", "target", "held"],
	onload: (listview) => banksync.show_columns(listview, ["trigger", "started_at", "created", "held"]),
	formatters: { trigger: (value, df, doc) => banksync.trigger_words(doc) },
	get_indicator(doc) {
		return [__(doc.status), banksync.STATES[doc.status]?.color || "gray", `status,=,${doc.status}`];
	},
};
