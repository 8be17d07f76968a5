// Undo a run: ask first, then list what could not be undone.
frappe.provide("banksync");

banksync.is_undo = ({ trigger }) => trigger === "undo";

banksync.undo_label = (run) => (banksync.is_undo(run) ? __("Do it again") : __("Undo"));

banksync.ask_to_undo = async (run) => {
	const preview = await banksync.call("dokos_banksync.api.review.preview_undo", { run: run.name });
	if (preview.problem) return frappe.msgprint(banksync.esc(preview.problem));
	const question = {
		title: __("{0}: {1}", [banksync.undo_label(run), banksync.esc(run.name)]),
		size: "large",
		fields: banksync.undo_fields(run, preview),
		primary_action_label: banksync.undo_label(run),
		primary_action: ({ again }) =>
			banksync.work_once(dialog, async () => {
				const undone = await banksync.undo(run.name, again || "");
				dialog.hide(); // the outcome is in the dialog on top
				if (undone.kept_count) banksync.show_kept(undone);
				else banksync.announce(undone);
			}),
	};
	const dialog = banksync.is_undo(run) ? new frappe.ui.Dialog(question) : banksync.warning_dialog(question);
	dialog.show();
	return dialog;
};

// How many documents go, come back, change and stay; those that stay with a link and the reason.
banksync.undo_preview = ({ counts, kept, kept_count }) => {
	const list = `<ul>${counts.map((text) => `<li>${banksync.esc(text)}</li>`).join("")}</ul>`;
	return list + (kept_count ? banksync.kept_table(kept, kept_count) : "");
};

banksync.kept_table = (kept, kept_count) => {
	const more = kept_count > kept.length ? __("The first {0} of {1} are shown.", [kept.length, kept_count]) : "";
	const link = ({ transaction, gone }) =>
		gone ? banksync.esc(transaction) : frappe.utils.get_form_link("Bank Transaction", transaction, true, banksync.esc(transaction));
	const named = (one) =>
		one.transaction ? `${link(one)}<div class="small text-muted">${banksync.esc(one.label)}</div>` : banksync.label(one.label, one.remote_id);
	const rows = kept.map((one) => [named(one), banksync.esc(one.why)]);
	return `${banksync.table([__("Bank Transaction"), __("Why it stays")], rows)}<p class="small text-muted">${more}</p>`;
};

banksync.undo_fields = (run, preview) => {
	const about = banksync.is_undo(run)
		? __("What was undone is restored, with the same names and values.")
		: __(
				"What this run made is removed, and what it changed or removed is put back. What is reconciled or was changed since stays as it is, and is listed."
		  );
	const html = `<p>${about}</p>${banksync.undo_preview(preview)}`;
	const fields = [{ fieldname: "about", fieldtype: "HTML", options: html }];
	if (!run.connection || banksync.is_undo(run)) return fields;
	const options = [
		{ value: "0", label: __("Do not import the rows again") },
		{ value: "1", label: __("Import them again with the next fetch") },
	];
	return [...fields, { fieldname: "again", fieldtype: "Select", label: __("Afterwards"), options, default: "0" }];
};

banksync.undo = async (run, again = "") => {
	const undone = await banksync.call("dokos_banksync.api.review.undo_run", { run, again });
	banksync.refresh();
	return undone;
};

banksync.show_kept = ({ message, kept, kept_count, run }) => {
	const dialog = banksync.window(__("Not everything could be undone"), { size: "large" });
	const link = frappe.utils.get_form_link("Sync Run", run, true, banksync.esc(run));
	banksync.place(dialog, `<p>${banksync.esc(message)} · ${link}</p>${banksync.kept_table(kept, kept_count)}`);
};

// After a decision: what was done, and one click to take it back.
banksync.tell_run = (place, { message, run }, then) => {
	place.innerHTML = `<p class="d-flex justify-content-between align-items-center" role="status">
		<span>${banksync.esc(message)}<br><span class="small text-muted">${banksync.run_links(run)}</span></span>
		<button type="button" class="btn btn-default btn-sm" data-undo>${__("Undo")}</button></p>`;
	banksync.on_click(place, "[data-undo]", async () => {
		const undone = await banksync.undo(run);
		if (undone.kept_count) banksync.show_kept(undone);
		place.innerHTML = "";
		await then();
	});
};
