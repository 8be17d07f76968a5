// The list of bank transactions: fetch what is new without leaving it. Other apps' settings stay as they are.
frappe.provide("banksync");

banksync.add_fetch_button = (settings) => {
	if (settings.banksync) return;
	const theirs = settings.onload;
	settings.banksync = true;
	settings.onload = (listview) => {
		theirs?.call(settings, listview);
		banksync.listen({ listview });
		listview.page.add_inner_button(__("Fetch transactions"), () => banksync.fetch({}));
	};
};

frappe.listview_settings["Bank Transaction"] ??= {};
banksync.add_fetch_button(frappe.listview_settings["Bank Transaction"]);
