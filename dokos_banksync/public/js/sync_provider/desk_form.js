// The credentials of a Sync Provider: the form has those that its provider declares. Secrets are sent, never received.
frappe.provide("banksync");

frappe.ui.form.on("Sync Provider", {
	async refresh(frm) {
		banksync.kinds ??= await frappe.xcall("dokos_banksync.api.providers.provider_fields");
		frm.set_df_property("provider_type", "options", ["", ...Object.keys(banksync.kinds)]);
		banksync.show_credentials(frm);
		if (!frm.is_new() && frm.doc.enabled && frappe.model.can_create("Bank"))
			banksync.add_button(frm, __("Connect a bank"), () => frappe.set_route("Form", "Bank", "new"));
	},
	provider_type: (frm) => banksync.show_credentials(frm),
	validate(frm) {
		const entered = frm.banksync_credentials?.get_values(true);
		if (entered) frm.doc.entered_credentials = JSON.stringify(entered);
	},
});

banksync.show_credentials = (frm) => {
	const { $wrapper } = frm.get_field("credential_fields");
	const typed = banksync.typed_credentials(frm);
	const fields = banksync.kinds[frm.doc.provider_type];
	$wrapper.empty();
	frm.banksync_credentials = null;
	frm.toggle_display("environment", !fields?.some(({ name }) => name === "environment"));
	if (!fields) return;
	const group = new frappe.ui.FieldGroup({ fields: fields.map((field) => credential_control(frm, field)), body: $wrapper[0] });
	group.make();
	fields.filter(({ kind }) => kind === "secret").forEach(({ name }) => {
		group.get_input(name).attr({ type: "password", autocomplete: "new-password" });
	});
	frm.banksync_credentials = group;
	frm.banksync_credentials_of = banksync.credentials_key(frm);
	Object.entries(typed).forEach(([name, value]) => group.set_value(name, value));
};

banksync.credentials_key = ({ doc }) => `${doc.name} ${doc.provider_type}`;

// The Desk refreshes a form too when the user comes back to it: what was typed and is not stored yet stays.
banksync.typed_credentials = (frm) => {
	const same = frm.is_dirty() && frm.banksync_credentials_of === banksync.credentials_key(frm);
	return (same && frm.banksync_credentials?.get_values(true)) || {};
};

function credential_control(frm, { name, label, kind, required, choices, help }) {
	const stored = (frm.doc.__onload?.stored_secrets || []).includes(name);
	const secret = kind === "secret" || kind === "secret_file";
	const kept = stored ? __("Leave empty to keep the secret that is there.") : __("Stored encrypted; no page ever shows it again.");
	const texts = { ...JSON.parse(frm.doc.credentials || "{}"), ...(frm.doc.client_id && { client_id: frm.doc.client_id }) };
	const shown = (secret ? "" : texts[name] || choices[0]?.value) || "";
	return {
		fieldname: name,
		label: frappe.utils.escape_html(label),
		fieldtype: { secret_file: "Small Text", choice: "Select" }[kind] || "Data",
		options: kind === "choice" ? choices : undefined,
		reqd: required && !stored ? 1 : 0,
		default: shown || undefined,
		description: frappe.utils.escape_html([help, secret && kept].filter(Boolean).join(" ")),
		// Frappe 17 reports a default as a change, too.
		onchange: () => {
			const group = frm.banksync_credentials;
			if (group && (group.get_value(name) || "") !== shown) frm.dirty();
		},
	};
}
