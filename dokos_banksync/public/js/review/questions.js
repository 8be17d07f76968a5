// "Questions": a line that could be one of several bank transactions, or that the bank no longer lists; the user decides.
frappe.provide("banksync");

banksync.questions_dialog = async (bank_account) => {
	const dialog = banksync.window(__("Questions"));
	await banksync.show_questions(dialog, bank_account);
};

banksync.show_questions = async (dialog, bank_account) => {
	const args = { bank_account };
	const newest = banksync.newest(dialog, "questions");
	const { questions, count } = await frappe.xcall("dokos_banksync.api.review.open_questions", args);
	if (!newest()) return;
	const shown = count > questions.length ? __("The first {0} of {1} are shown.", [questions.length, count]) : "";
	const place = banksync.place(
		dialog,
		`<div data-done></div>
		${questions.length ? "" : banksync.nothing(__("There is no question."))}
		${questions.map(banksync.question).join("")}<p class="small text-muted">${shown}</p>`
	);
	const again = () => banksync.show_questions(dialog, bank_account);
	place.querySelectorAll("[data-question]").forEach((row) => {
		const { line } = questions[Number(row.dataset.question)];
		const answer = async ({ dataset }) => {
			const args = { line, transaction: dataset.answer };
			const run = await frappe.xcall("dokos_banksync.api.review.answer_question", args);
			row.remove();
			banksync.tell_run(place.querySelector("[data-done]"), run, again);
			banksync.refresh();
		};
		banksync.on_click(row, "[data-answer]", answer, row);
	});
};

banksync.question = ({ date, amount, currency, description, original, candidates, imported, unlisted }, index) => {
	const same = unlisted ? __("It stays") : __("It is this one");
	const none = unlisted ? __("The bank has removed it: remove it here") : __("It is a new one");
	const why = unlisted ? `<p>${__("The bank no longer lists this transaction under the new id of the account.")}</p>` : "";
	const parts = imported.map((one) => `${banksync.day(one.date)} · ${banksync.money(one.amount, one.currency)} (${banksync.esc(one.name)})`).join(", ");
	const with_parts = parts ? `<p>${__("With {0}, imported earlier, it adds up to this amount. If it is counted there, they are removed.", [parts])}</p>` : "";
	const rows = candidates.map((one) => [
		banksync.day(one.date),
		banksync.label(one.description, one.original === one.description ? "" : one.original, one.name),
		banksync.money(one.amount, one.currency),
		`<button type="button" class="btn btn-default btn-sm" data-answer="${banksync.esc(one.name)}">
			${one.deleted ? __("It is the deleted one: it is not imported") : same}</button>`,
	]);
	return `<section class="border rounded mb-3 p-3" data-question="${index}">
		<p><b>${banksync.day(date)} · ${banksync.money(amount, currency)}</b> ${banksync.label(description, original === description ? "" : original)}</p>
		${why}${with_parts}${banksync.table([__("Date"), __("Description"), [__("Amount")], ""], rows)}
		<p class="text-right mb-0"><button type="button" class="btn btn-default btn-sm" data-answer="">${none}</button></p>
	</section>`;
};
