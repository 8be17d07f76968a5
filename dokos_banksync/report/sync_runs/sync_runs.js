frappe.query_reports["Sync Runs"] = {
	filters: [
		{
			fieldname: "from_date",
			label: __("From"),
			fieldtype: "Date",
			default: frappe.datetime.month_start(),
			reqd: 1,
		},
		{
			fieldname: "to_date",
			label: __("Until"),
			fieldtype: "Date",
			default: frappe.datetime.get_today(),
			reqd: 1,
		},
		{ fieldname: "bank", label: __("Bank"), fieldtype: "Link", options: "Bank" },
		{
			fieldname: "connection",
			label: __("Connection"),
			fieldtype: "Link",
			options: "Sync Connection",
		},
		{
			fieldname: "status",
			label: __("Status"),
			fieldtype: "Select",
			options: ["", "Running", "Success", "Partial", "Failed"],
		},
	],
	formatter(value, row, column, data, standard) {
		if (column.fieldname !== "status" || !value) return standard(value, row, column, data);
		return `<span class="indicator-pill ${data.color}">${__(value)}</span>`;
	},
};
