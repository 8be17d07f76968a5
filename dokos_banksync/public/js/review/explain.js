// "Where it comes from", "Why": a sentence, and then each line from the beginning.
frappe.provide("banksync");

banksync.explain_transaction = async (name) => {
	const found = await frappe.xcall("dokos_banksync.api.review.explain_bank_transaction", { name });
	banksync.show_explanation(__("Where it comes from"), found);
};

banksync.explain_line = async (name) => {
	const found = await frappe.xcall("dokos_banksync.api.review.explain_sync_line", { name });
	banksync.show_explanation(__("Why"), found);
};

banksync.show_explanation = (title, { message, lines }) => {
	const dialog = banksync.window(title, { size: "large" });
	const place = banksync.place(
		dialog,
		`<p class="banksync-explanation"><b>${banksync.esc(message)}</b></p>${lines.map(banksync.line_story).join("")}`
	);
	banksync.on_click(place, "[data-run]", ({ dataset }) => banksync.go(dialog, "Sync Run", dataset.run));
	banksync.on_click(place, "[data-line]", ({ dataset }) => banksync.go(dialog, "Sync Line", dataset.line));
};

banksync.line_story = ({ line, origin, remote_id, events }) => `
	<section class="banksync-line border-top pt-3 mb-3">
		<p><b>${banksync.esc(origin)}</b>
			<span class="small text-muted">${__("id {0}", [banksync.esc(remote_id)])}</span>
			<button type="button" class="btn btn-default btn-xs btn-sm" data-line="${banksync.esc(line)}">${__("Open the line")}</button></p>
		<ol class="list-unstyled">${events.map(banksync.history_event).join("")}</ol>
	</section>`;

banksync.history_event = ({ at, run, message }) => {
	const by = run
		? ` · <button type="button" class="btn btn-link btn-sm p-0" data-run="${banksync.esc(run)}">${banksync.esc(run)}</button>`
		: "";
	return `<li class="mb-2"><span class="small text-muted">${banksync.day(at)}${by}</span>
		<div class="wide">${banksync.esc(message)}</div></li>`;
};
