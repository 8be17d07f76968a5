// "Certificate of a month": chosen here, kept as a document, printed from there.
frappe.provide("banksync");

// The last two years of months that have ended, the latest first, as 2026-10.
banksync.months = (today) =>
	[...Array(24).keys()].map((back) => {
		const day = new Date(Date.UTC(today.getFullYear(), today.getMonth() - 1 - back, 1));
		return day.toISOString().slice(0, 7);
	});

banksync.certificate_dialog = (bank_account) => {
	const months = banksync.months(new Date());
	const name = new Intl.DateTimeFormat(document.documentElement.lang || "en", { month: "long", year: "numeric" });
	const dialog = new frappe.ui.Dialog({
		title: __("Certificate of a month"),
		fields: [
			{
				fieldname: "about",
				fieldtype: "HTML",
				options: `<p class="text-muted">${__(
					"Balance before and after, money in and out, the days that were fetched, and what is not counted. It is kept as it is, to be printed and signed."
				)}</p>`,
			},
			{
				fieldname: "month",
				fieldtype: "Select",
				label: __("Month"),
				options: months.map((value) => ({ value, label: name.format(new Date(`${value}-15T12:00`)) })),
				default: months[0],
				reqd: 1,
			},
		],
		primary_action_label: __("Make the certificate"),
		primary_action: ({ month }) =>
			banksync.work_once(dialog, async () => {
				const args = { bank_account, month };
				const made = await frappe.xcall("dokos_banksync.api.certificates.make_certificate", args);
				banksync.go(dialog, "Sync Certificate", made.name);
			}),
	});
	dialog.show();
};
