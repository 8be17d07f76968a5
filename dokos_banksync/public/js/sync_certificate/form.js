// The Sync Certificate form: whether it still holds, and the page to sign.
frappe.provide("banksync");

frappe.ui.form.on("Sync Certificate", {
	async refresh(frm) {
		if (frm.is_new()) return;
		frm.add_custom_button(__("Print"), () => frm.print_doc());
		const args = { certificate: frm.doc.name };
		const { currency, sums, days } = await frappe.xcall("dokos_banksync.api.certificates.certificate_review", args);
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
