// The list of runs: how each one ended.
frappe.listview_settings["Sync Run"] = {
	add_fields: ["status", "trigger", "subject", "target"],
	formatters: { trigger: (value, df, doc) => banksync.trigger_words(doc) },
	get_indicator(doc) {
		const color = { Running: "blue", Success: "green", Partial: "orange", Failed: "red" }[doc.status];
		return [__(doc.status), color || "gray", `status,=,${doc.status}`];
	},
};
