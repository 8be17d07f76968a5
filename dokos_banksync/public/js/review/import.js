// "Import a statement file": chosen, read, looked at, and then imported exactly as it was shown.
frappe.provide("banksync");

banksync.LARGEST_FILE = 5 * 2 ** 20;
banksync.FILE_OPTIONS = ["account", "dates", "decimal", "sign", "sheet", "accept_mismatches"];

banksync.import_dialog = (bank_account) => {
	const state = { bank_account, options: {}, file: null, look: null, key: "", left_out: () => [] };
	const dialog = banksync.window(__("Import a statement file"), {
		primary_action_label: __("Import"),
		primary_action: () => banksync.once(dialog, () => banksync.import_file(dialog, state)),
	});
	dialog.disable_primary_action();
	const place = banksync.place(
		dialog,
		`<p class="text-muted">${__("CSV, XLSX, OFX, CAMT, MT940, CFONB or another format, as your bank gives it. Nothing is written before you agree, and nothing is imported twice.")}</p>
		<p><input type="file" class="form-control-file" data-file aria-label="${__("File")}"></p>
		<div data-read></div><div data-plan></div>`
	);
	place.querySelector("[data-file]").focus();
	state.look = () => banksync.read_file(dialog, place, state);
	place.addEventListener("change", ({ target }) => {
		if (target.matches("[data-file]")) banksync.choose_file(dialog, place, state, target.files[0]);
		if (target.matches("[data-option], [data-column]")) banksync.set_aside(dialog, place, state);
	});
};

// Nothing of the file before counts, neither its rows nor how it was read. A large file may be ready after a small one
// that was chosen later.
banksync.choose_file = async (dialog, place, state, chosen) => {
	const newest = banksync.newest(state, "reading");
	dialog.disable_primary_action();
	place.querySelector("[data-read]").innerHTML = place.querySelector("[data-plan]").innerHTML = "";
	Object.assign(state, { file: null, options: {}, key: "", left_out: () => [] });
	const file = await banksync.take_file(chosen);
	if (!newest() || !file) return;
	state.file = file;
	await state.look();
};

// The rows on show are not those of the way to read that is chosen now.
banksync.set_aside = (dialog, place, state) => {
	banksync.newest(state, "reading");
	state.key = "";
	dialog.disable_primary_action();
	place.querySelector("[data-plan]").innerHTML = `<p class="text-muted" role="status">${__(
		"The way to read the file has changed: read it again before you import it."
	)}</p>`;
};

// The file as it is now: it may change on the disk while a person looks at the preview.
banksync.take_file = (file) =>
	new Promise((resolve) => {
		if (!file) return resolve(null);
		if (file.size > banksync.LARGEST_FILE) {
			frappe.msgprint(__("The file is larger than {0} MB: export fewer months at a time", [5]));
			return resolve(null);
		}
		const reader = new FileReader();
		reader.onload = () => resolve({ file_name: file.name, content: reader.result.split(",")[1] || "" });
		reader.onerror = () => {
			frappe.msgprint(__("The file cannot be read: choose it again"));
			resolve(null);
		};
		reader.readAsDataURL(file);
	});

banksync.file_args = ({ bank_account, options, file }) => ({
	...{ bank_account, ...file },
	...Object.fromEntries(banksync.FILE_OPTIONS.map((name) => [name, options[name] || ""])),
	columns: JSON.stringify(options.columns || {}),
});

banksync.read_file = async (dialog, place, state) => {
	const newest = banksync.newest(state, "reading");
	state.key = "";
	dialog.disable_primary_action();
	const [read, planned] = ["read", "plan"].map((name) => place.querySelector(`[data-${name}]`));
	planned.innerHTML = `<p class="text-muted" role="status">${__("The file is being read…")}</p>`;
	try {
		const reading = await banksync.call("dokos_banksync.api.files.preview_file", banksync.file_args(state));
		if (!newest()) return; // another file was chosen meanwhile, or another way to read it
		planned.innerHTML = "";
		banksync.show_reading(read, reading, (options) => {
			state.options = options;
			return state.look();
		});
		if (reading.problem) return;
		state.key = reading.plan.key;
		state.left_out = banksync.show_plan(planned, reading.plan, state.left_out());
		dialog.enable_primary_action();
	} catch (error) {
		// How the user wants it read stays, to be sent again.
		if (newest()) banksync.offer_again(planned, "", __("Read it again"), state.look);
		throw error;
	}
};

banksync.import_file = async (dialog, state) => {
	if (!state.file || !state.key) return;
	dialog.disable_primary_action();
	const args = { ...banksync.file_args(state), key: state.key, leave_out: JSON.stringify(state.left_out()) };
	try {
		const call = () => banksync.call("dokos_banksync.api.files.import_file", args);
		const run = await banksync.while_inert(dialog.body, call);
		state.file = null;
		const place = banksync.place(dialog, `<div data-done></div>`);
		banksync.tell_run(place.querySelector("[data-done]"), run, () => dialog.hide());
		banksync.refresh();
	} catch (error) {
		if (error?.cancelled) dialog.enable_primary_action();
		else await state.look(); // what has changed meanwhile is shown
		throw error;
	}
};
