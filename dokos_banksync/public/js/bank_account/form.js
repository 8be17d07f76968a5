// The Bank Account form: everything about identity, proof and repair of one account, in one menu.
frappe.provide("banksync");

frappe.ui.form.on("Bank Account", {
	async refresh(frm) {
		if (frm.is_new() || !frappe.model.can_read("Sync Connection")) return;
		banksync.listen({ frm });
		const args = { bank_account: frm.doc.name };
		const newest = banksync.newest(frm, "review");
		const review = await frappe.xcall("dokos_banksync.api.accounts.account_review", args);
		if (!newest() || review.bank_account !== frm.doc.name) return;
		banksync.account_menu(review).forEach(([label, action]) =>
			banksync.add_button(frm, label, () => action(review.bank_account), __("Synchronization"))
		);
		banksync.show_pictures(frm);
		if (review.questions)
			frm.set_intro(
				__("Rows that could be one of several bank transactions: {0}. See Questions.", [review.questions]),
				"orange"
			);
	},
});

banksync.account_menu = ({ connections, questions, reversed_signs }) => {
	const connected = [[__("Find missing"), banksync.missing_dialog]];
	const decides = banksync.may_decide();
	return [
		...(decides ? [[__("Import a statement file"), banksync.import_dialog]] : []),
		...(connections.length ? connected : []),
		[__("Find duplicates"), banksync.duplicates_dialog],
		...(questions ? [[__("Questions ({0})", [questions]), banksync.questions_dialog]] : []),
		...(reversed_signs ? [[__("Signs ({0})", [reversed_signs]), banksync.signs_dialog]] : []),
		[__("Proof"), banksync.proof_dialog],
		...(decides ? [[__("Certificate of a month"), banksync.certificate_dialog]] : []),
		...(frappe.boot?.banksync_banking_page ? [[__("Reconcile"), banksync.open_banking_page]] : []),
	];
};

// ERPNext's own page, where it has one.
banksync.open_banking_page = () => window.open(frappe.boot.banksync_banking_page);
