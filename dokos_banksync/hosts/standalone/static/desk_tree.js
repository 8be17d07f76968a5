// The category tree: add, rename, delete; the Desk has its own tree view for this.
"use strict";

frappe.ui.category_dialog = (title, value, action) => {
	const dialog = new frappe.ui.Dialog({
		title,
		fields: [{ fieldname: "category_name", fieldtype: "Data", label: __("Name"), reqd: 1, default: value }],
		primary_action_label: __("Save"),
		async primary_action({ category_name }) {
			dialog.disable_primary_action();
			try {
				await frappe.xcall(`dokos_banksync.api.categories.${action.method}`, { ...action.args, category_name });
				dialog.hide();
				frappe.reload_page();
			} finally {
				dialog.enable_primary_action();
			}
		},
	});
	dialog.show();
};

const CATEGORY_ACTIONS = {
	add: ({ name }) =>
		frappe.ui.category_dialog(__("Add a category"), "", { method: "add_category", args: { parent: name } }),
	rename: ({ name, label }) =>
		frappe.ui.category_dialog(__("Rename the category"), label, {
			method: "rename_category",
			args: { category: name },
		}),
	delete: ({ name, label }) =>
		frappe.warn(
			__("Delete the category"),
			__("Delete {0}? What is below it moves up, and it is not imported again.", [
				frappe.utils.escape_html(label).bold(),
			]),
			async () => {
				await frappe.xcall("dokos_banksync.api.categories.delete_category", { category: name });
				frappe.reload_page();
			},
			__("Delete")
		),
};

document.addEventListener("click", ({ target }) => {
	const button = target.closest("[data-category-action]");
	if (button) CATEGORY_ACTIONS[button.dataset.categoryAction](button.dataset);
});
