// Large calls of a Frappe site go on as a job after their answer: the page asks how far it is, and may cancel it.
frappe.provide("banksync");

banksync.JOB_PAUSE = 1000;
banksync.JOBS_BEGUN = "banksync_jobs";

// What these calls store is announced after a reload of the page too; the others are simply asked again.
banksync.STORING = new Set([
	"dokos_banksync.api.connections.apply_preview",
	"dokos_banksync.api.files.import_file",
	"dokos_banksync.api.review.take_missing",
	"dokos_banksync.api.review.undo_run",
]);

// Return the answer of a call, given at once or by a job. Where a user cancelled it, the error has `cancelled`.
banksync.call = async (method, args) => {
	const answer = await frappe.xcall(method, args);
	if (!answer?.job) return answer;
	const stores = banksync.STORING.has(method);
	if (stores) banksync.note_job(answer.job);
	return banksync.await_job(answer);
};

banksync.await_job = async ({ job, message }) => {
	const dialog = banksync.job_dialog(job, message);
	const ended = await banksync.job_end(job, dialog).finally(() => dialog.hide());
	banksync.forget_job(job);
	if (ended.state === "done") return ended.result;
	if (ended.state === "cancelled") {
		frappe.show_alert({ message: __("Cancelled: nothing was changed."), indicator: "orange" }, 10);
		throw Object.assign(new Error(ended.state), { cancelled: true });
	}
	const lines = [ended.message, ended.code, ended.reference].filter(Boolean).map(frappe.utils.escape_html);
	frappe.msgprint({ title: __("This could not be done"), message: lines.join("<br>"), indicator: "red" });
	throw new Error(ended.message);
};

// A page that was left asks no more: the job goes on, and the list of runs shows what it stored.
banksync.job_end = async (job, dialog) => {
	for (let failed = 0; ; ) {
		await new Promise((soon) => setTimeout(soon, banksync.JOB_PAUSE));
		try {
			const status = await frappe.xcall("dokos_banksync.api.jobs.job_status", { job });
			if (!["queued", "running"].includes(status.state)) return status;
			banksync.show_job(dialog, status);
			failed = 0;
		} catch (error) {
			if (++failed < banksync.MOST_FAILED) continue;
			banksync.forget_job(job);
			throw error;
		}
	}
};

banksync.job_dialog = (job, message) => {
	const dialog = new frappe.ui.Dialog({
		title: __("In progress"),
		fields: [{ fieldname: "progress", fieldtype: "HTML" }],
		primary_action_label: __("Cancel the work"),
		primary_action: () =>
			banksync.once(dialog, async () => {
				dialog.disable_primary_action();
				try {
					banksync.show_job(dialog, await frappe.xcall("dokos_banksync.api.jobs.cancel_job", { job }));
				} catch (error) {
					dialog.enable_primary_action(); // it was not cancelled: the user may try again
					throw error;
				}
			}),
	});
	dialog.show();
	dialog.fields_dict.progress.wrapper.innerHTML = `
		<progress class="w-100" max="100" aria-label="${__("In progress")}"></progress>
		<p class="mt-2" role="status" data-how-far></p>
		<p class="small text-muted">${__("You may close this window: the work goes on. Cancelling leaves everything as it was.")}</p>`;
	banksync.show_job(dialog, { percent: null, description: message || __("Waiting for a background worker…") });
	return dialog;
};

// Without a value the bar says that it is not known how much there is.
banksync.show_job = (dialog, { percent, description }) => {
	const { wrapper } = dialog.fields_dict.progress;
	const bar = wrapper.querySelector("progress");
	if (percent === null) bar.removeAttribute("value");
	else bar.value = percent;
	wrapper.querySelector("[data-how-far]").textContent = description;
};

// -- after a reload of the page ------------------------------------------------------------------------------
banksync.jobs_begun = () => JSON.parse(window.sessionStorage.getItem(banksync.JOBS_BEGUN) || "[]");

banksync.store_jobs = (jobs) => window.sessionStorage.setItem(banksync.JOBS_BEGUN, JSON.stringify(jobs));

banksync.note_job = (job) => banksync.store_jobs([...banksync.jobs_begun(), job]);

banksync.forget_job = (job) => banksync.store_jobs(banksync.jobs_begun().filter((one) => one !== job));

banksync.follow_jobs = () => {
	if (banksync.following) return;
	banksync.following = true;
	banksync.jobs_begun().forEach(async (job) => {
		banksync.announce(await banksync.await_job({ job, message: "" }));
		if (banksync.page) banksync.refresh();
	});
};
banksync.follow_jobs();
