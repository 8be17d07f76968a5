// The tree of categories: by title, from one root that stands for all of them.
frappe.treeview_settings["Bank Transaction Category"] = {
	get_tree_nodes: "dokos_banksync.api.categories.categories_below",
	get_tree_root: false,
	root_label: __("All categories"),
	get_label: (node) => frappe.utils.escape_html(node.title || node.label),
	onload(treeview) {
		treeview.root_value = "";
		treeview.make_tree();
	},
};
