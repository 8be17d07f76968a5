// The Sync Certificate form: whether it still holds, and the page to sign.
frappe.provide("banksync");

frappe.ui.form.on("Sync Certificate", {
	async refresh(frm) {
		if (frm.is_new()) return;
		banksync.add_button(frm, __("Print"), () => frm.print_doc());
		const newest = banksync.newest(frm, "review");
		const args = { certificate: frm.doc.name };
		const { currency, sums, days } = await frappe.xcall("dokos_banksync.api.certificates.certificate_review", args);
		if (!newest() || args.certificate !== frm.doc.name) return; // of another certificate it says nothing
		if (!sums.length && !days.length)
			return frm.set_intro(__("The books of this month are as they were when it was made."), "green");
		const amount = (text) => banksync.money(text, currency) || "–";
		const changes = [
			...sums.map(({ label, then, now }) => __("{0}: {1}", [banksync.esc(label), `${amount(then)} → ${amount(now)}`])),
			...days.slice(0, 10).map(banksync.day),
		];
		frm.set_intro(`${__("The books of this month have changed since it was made.")} ${changes.join(" · ")}`, "orange");
	},
});
