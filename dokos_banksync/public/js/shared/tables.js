// What the dialogs share: amounts and days, tables of what banks wrote, long lists in pages, rows to tick.
frappe.provide("banksync");

banksync.PAGE = 50;

banksync.esc = (text) => frappe.utils.escape_html(String(text ?? ""));

banksync.money = (text, currency) =>
	text === null ? "" : banksync.esc(format_currency(Number(text), currency, banksync.decimals(currency)));

banksync.day = (text) => (text ? banksync.esc(frappe.datetime.str_to_user(text)) : "");

banksync.pill = (text, color) => `<span class="indicator-pill ${color}">${banksync.esc(text)}</span>`;

// A dialog of one place to fill, and its place.
banksync.window = (title, options = {}) => {
	const asked = options.fields ? [...options.fields, { fieldname: "below", fieldtype: "Section Break" }] : [];
	const fields = [...asked, { fieldname: "place", fieldtype: "HTML" }];
	const dialog = new frappe.ui.Dialog({ size: "extra-large", ...options, title, fields });
	dialog.show();
	return dialog;
};

banksync.place = (dialog, html) => {
	const { wrapper } = dialog.fields_dict.place;
	wrapper.innerHTML = html;
	return wrapper;
};

// `heads` are labels, `[label]` for a column of numbers; `rows` are rows of cells that are HTML already.
banksync.table = (heads, rows, extra = "") => {
	const right = heads.map(Array.isArray);
	const side = (index) => (right[index] ? ' class="text-right text-nowrap number"' : "");
	const head = heads.flat().map((label, at) => (label ? `<th scope="col"${side(at)}>${label}</th>` : "<td></td>"));
	const names = heads.flat().map((label) => (label.startsWith("<") ? "" : `data-label="${label}"`));
	// One child in each cell: on a phone the cell is a flex container, in which several would stand beside each other.
	const inner = (html) => (html === "" ? "" : `<div>${html}</div>`);
	const cell = (html, at) => `<td${side(at)} ${names[at]}>${inner(html)}</td>`;
	const body = rows.map((cells) => `<tr>${cells.map(cell).join("")}</tr>`);
	return `<div class="table-responsive scroll"><table class="table table-sm stack ${extra}">
		<thead><tr>${head.join("")}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
};

banksync.nothing = (text) => `<p class="text-muted empty">${text}</p>`;

// A second click while the first is under way does nothing, nor does one on another button of the same `group`.
banksync.on_click = (root, selector, work, group = null) =>
	root.querySelectorAll(selector).forEach((button) =>
		button.addEventListener("click", (event) => {
			event.preventDefault();
			return banksync.once(group || button, async () => {
				button.setAttribute("aria-busy", "true");
				await Promise.resolve(work(button)).finally(() => button.removeAttribute("aria-busy"));
			});
		})
	);

banksync.go = (dialog, doctype, name) => {
	dialog.hide();
	frappe.set_route("Form", doctype, name);
};

// The label of one row, and what more is known of it, below it and smaller.
banksync.label = (text, ...more) => {
	const below = more.filter(Boolean).map((one) => `<div class="small text-muted">${banksync.esc(one)}</div>`);
	return `<span class="wide">${banksync.esc(text)}</span>${below.join("")}`;
};

// A long list, page by page. With `chosen`, a set of ids, rows that are `takeable` have a box to tick.
banksync.list = (place, { rows, count, heads, cells, chosen, changed }) => {
	let page = 0;
	const last = Math.max(0, Math.ceil(rows.length / banksync.PAGE) - 1);
	const tick = (row) =>
		row.takeable
			? `<input type="checkbox" data-id="${banksync.esc(row.id)}" aria-label="${banksync.esc(row.description)}"
				${chosen.has(row.id) ? "checked" : ""}>`
			: "";
	const show = () => {
		const shown = rows.slice(page * banksync.PAGE, (page + 1) * banksync.PAGE);
		const titles = chosen ? [`<input type="checkbox" data-every aria-label="${__("All")}">`, ...heads] : heads;
		const table = banksync.table(
			titles,
			shown.map((row) => (chosen ? [tick(row), ...cells(row)] : cells(row)))
		);
		place.innerHTML = table + banksync.pager(page, last, rows.length, count);
		banksync.on_click(place, "[data-step]", ({ dataset }) => {
			page += Number(dataset.step);
			show();
		});
		if (chosen) banksync.listen_to_ticks(place, rows, chosen, changed);
	};
	show();
};

banksync.pager = (page, last, shown, count) => {
	const cut = count > shown ? __("The first {0} of {1} are shown.", [shown, count]) : "";
	if (!last) return `<p class="small text-muted">${cut}</p>`;
	const button = (step, label, off) =>
		`<button type="button" class="btn btn-default btn-sm" data-step="${step}" ${off ? "disabled" : ""}>${label}</button>`;
	return `<p class="pager d-flex justify-content-between align-items-center">
		${button(-1, __("Back"), page === 0)}
		<span class="small text-muted">${__("Page {0} of {1}", [page + 1, last + 1])} ${cut}</span>
		${button(1, __("Next"), page === last)}</p>`;
};

banksync.listen_to_ticks = (place, rows, chosen, changed) => {
	const boxes = [...place.querySelectorAll("[data-id]")];
	const every = place.querySelector("[data-every]");
	const takeable = rows.filter((row) => row.takeable);
	const look = () => {
		every.checked = takeable.length > 0 && takeable.every(({ id }) => chosen.has(id));
		changed?.();
	};
	const set = (id, yes) => (yes ? chosen.add(id) : chosen.delete(id));
	boxes.forEach((box) =>
		box.addEventListener("change", () => {
			set(box.dataset.id, box.checked);
			look();
		})
	);
	every.addEventListener("change", () => {
		takeable.forEach(({ id }) => set(id, every.checked));
		boxes.forEach((box) => (box.checked = every.checked));
		look();
	});
	look();
};
