// Taking a run back: asked first, and told with what could not be taken back.
frappe.provide("banksync");

banksync.is_undo = ({ trigger }) => (trigger || "").startsWith("undo ");

banksync.undo_label = (run) => (banksync.is_undo(run) ? __("Do it again") : __("Undo"));

banksync.ask_to_undo = (run) => {
	const dialog = new frappe.ui.Dialog({
		title: __("{0}: {1}", [banksync.undo_label(run), banksync.esc(run.name)]),
		fields: banksync.undo_fields(run),
		primary_action_label: banksync.undo_label(run),
		async primary_action({ again }) {
			dialog.disable_primary_action();
			try {
				const undone = await banksync.undo(run.name, again || "");
				dialog.hide(); // what is told lies in the window on top
				if (undone.kept_count) banksync.show_kept(undone);
				else banksync.announce(undone);
			} finally {
				dialog.enable_primary_action();
			}
		},
	});
	dialog.show();
};

banksync.undo_fields = (run) => {
	const about = banksync.is_undo(run)
		? __("What was taken back comes back, with the same names and values.")
		: __(
				"What this run made is removed, and what it changed or removed is put back. What is reconciled or was changed since stays as it is, and is listed."
		  );
	const fields = [{ fieldname: "about", fieldtype: "HTML", options: `<p>${about}</p>` }];
	if (!run.connection || banksync.is_undo(run)) return fields;
	const options = [
		{ value: "0", label: __("Keep the lines away") },
		{ value: "1", label: __("Let them come again with the next fetch") },
	];
	return [...fields, { fieldname: "again", fieldtype: "Select", label: __("Afterwards"), options, default: "0" }];
};

banksync.undo = async (run, again = "") => {
	const undone = await frappe.xcall("dokos_banksync.api.review.undo_run", { run, again });
	banksync.refresh();
	return undone;
};

banksync.show_kept = ({ message, kept, kept_count, run }) => {
	const dialog = banksync.window(__("Not all of it could be taken back"), { size: "large" });
	const more = kept_count > kept.length ? __("The first {0} of {1} are shown.", [kept.length, kept_count]) : "";
	const rows = kept.map((one) => [banksync.esc(one.transaction || one.remote_id), banksync.esc(one.why)]);
	banksync.place(
		dialog,
		`<p>${banksync.esc(message)} · ${banksync.esc(run)}</p>
		${banksync.table([__("Bank Transaction"), __("Why it was kept")], rows)}<p class="small text-muted">${more}</p>`
	);
};

// After a decision: what was done, and one click to take it back.
banksync.tell_run = (place, { message, run }, then) => {
	place.innerHTML = `<p class="d-flex justify-content-between align-items-center" role="status">
		<span>${banksync.esc(message)} <span class="small text-muted">${banksync.esc(run)}</span></span>
		<button type="button" class="btn btn-default btn-sm" data-undo>${__("Undo")}</button></p>`;
	banksync.on_click(place, "[data-undo]", async () => {
		const undone = await banksync.undo(run);
		if (undone.kept_count) banksync.show_kept(undone);
		place.innerHTML = "";
		await then();
	});
};
