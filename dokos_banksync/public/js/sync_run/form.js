// The Sync Run form: take it back, or do again what it took back.
frappe.provide("banksync");

frappe.ui.form.on("Sync Run", {
	async refresh(frm) {
		if (frm.is_new() || !frappe.model.can_read("Sync Connection")) return;
		banksync.listen({ frm });
		const { run, undoable } = await frappe.xcall("dokos_banksync.api.review.run_review", { run: frm.doc.name });
		if (!undoable || run !== frm.doc.name || !banksync.may_decide()) return;
		banksync.add_button(frm, banksync.undo_label(frm.doc), () => banksync.ask_to_undo(frm.doc));
	},
});
