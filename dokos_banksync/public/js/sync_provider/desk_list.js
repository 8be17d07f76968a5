// The list of providers, and the badge of the form: nobody should take a sandbox for the real thing.
frappe.listview_settings["Sync Provider"] = {
	add_fields: ["environment", "enabled"],
	get_indicator(doc) {
		if (!doc.enabled) return [__("Disabled"), "gray", "enabled,=,0"];
		const color = doc.environment === "Production" ? "green" : "orange";
		return [__(doc.environment), color, `environment,=,${doc.environment}`];
	},
};
