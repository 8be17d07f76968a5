// Forms and lists: the buttons, menus and sections that form scripts add to the pages the server made.
"use strict";

let cur_frm = null;
const desk_form_handlers = {};

frappe.ui.form.on = (doctype, handlers) => (desk_form_handlers[doctype] ||= []).push(handlers);

class DeskForm {
	constructor({ doctype, doc }) {
		Object.assign(this, { doctype, doc, docname: doc.name });
		this.dashboard = {
			add_section: (html, label) => this.add_section(html, label),
			show_progress: (title, percent, text) =>
				frappe.show_progress(title, percent, 100, text.slice(text.indexOf(" · ") + 3)),
			hide_progress: frappe.hide_progress,
		};
	}

	is_new() {
		return Boolean(this.doc.__islocal);
	}

	is_dirty() {
		return false;
	}

	// The page was fetched again while an answer for this form was under way: the new form has asked by itself.
	is_gone() {
		return cur_frm !== this;
	}

	add_custom_button(label, action, group) {
		if (this.is_gone()) return undefined;
		return group ? menu_of(group).add(label, action) : add_button(label, action);
	}

	change_custom_button_type(label, group, type) {
		const buttons = [...document.querySelectorAll("#page-actions > button")];
		buttons.filter((one) => one.textContent === label).forEach((one) => (one.className = `btn btn-${type}`));
	}

	set_intro(html, color = "blue") {
		if (this.is_gone()) return;
		const intro = document.getElementById("intro");
		intro.className = `intro ${color}`;
		intro.innerHTML = html;
		intro.hidden = !html;
	}

	add_section(html, label) {
		if (this.is_gone()) return [new_element("section", "").appendChild(new_element("div", ""))];
		const section = new_element("section", "card");
		section.append(new_element("h2", "card-title", label));
		const body = section.appendChild(new_element("div", "card-body"));
		body.innerHTML = html;
		(document.getElementById("sections") || document.getElementById("dashboard")).append(section);
		return [body];
	}

	print_doc() {
		window.print();
	}

	reload_doc() {
		return frappe.reload_page();
	}

	refresh() {
		for (const { refresh } of desk_form_handlers[this.doctype] || []) refresh?.(this);
	}
}

function add_button(label, action) {
	const button = new_element("button", "btn btn-default", label);
	button.type = "button";
	button.addEventListener("click", () => while_disabled(button, action));
	document.getElementById("page-actions").append(button);
	return button;
}

// A second click while the first is under way does nothing.
async function while_disabled(button, action) {
	if (button.getAttribute("aria-busy")) return;
	button.setAttribute("aria-busy", "true");
	try {
		await action();
	} finally {
		button.removeAttribute("aria-busy");
	}
}

// -- menus ---------------------------------------------------------------------------------------------

function menu_of(group) {
	const known = document.querySelector(`#page-actions [data-group="${CSS.escape(group)}"]`);
	return known ? known.desk_menu : new DeskMenu(group);
}

class DeskMenu {
	constructor(group) {
		this.element = new_element("div", "menu");
		this.element.dataset.group = group;
		this.element.desk_menu = this;
		this.button = new_element("button", "btn btn-default menu-button", group);
		this.button.type = "button";
		this.button.setAttribute("aria-haspopup", "menu");
		this.list = new_element("div", "menu-list");
		this.list.setAttribute("role", "menu");
		this.element.append(this.button, this.list);
		this.open(false);
		this.button.addEventListener("click", () => this.open(this.list.hidden, 0));
		this.element.addEventListener("keydown", (event) => this.pressed(event));
		this.element.addEventListener("focusout", (event) => {
			if (!this.element.contains(event.relatedTarget)) this.open(false);
		});
		document.getElementById("page-actions").append(this.element);
	}

	add(label, action) {
		const item = new_element("button", "menu-item", label);
		item.type = "button";
		item.setAttribute("role", "menuitem");
		item.tabIndex = -1;
		item.addEventListener("click", () => {
			this.button.focus();
			this.open(false);
			while_disabled(item, action);
		});
		this.list.append(item);
		return item;
	}

	open(yes, focus) {
		this.list.hidden = !yes;
		this.button.setAttribute("aria-expanded", String(yes));
		if (yes) this.list.children[focus]?.focus();
	}

	pressed(event) {
		const items = [...this.list.children];
		const here = items.indexOf(document.activeElement);
		const steps = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: items.length - 1 };
		if (event.key === "Escape") {
			this.open(false);
			this.button.focus();
		} else if (event.key in steps) {
			event.preventDefault();
			this.open(true, (steps[event.key] + items.length) % items.length);
		}
	}
}

// -- lists ---------------------------------------------------------------------------------------------

class DeskList {
	constructor({ doctype, docs }) {
		Object.assign(this, { doctype, docs });
		this.settings = frappe.listview_settings[doctype] || {};
		this.page = { add_inner_button: add_button };
	}

	refresh() {
		return frappe.reload_page();
	}

	start() {
		this.settings.onload?.(this);
		const { button } = this.settings;
		for (const doc of button ? this.docs : []) {
			const cell = document.querySelector(`[data-row-action="${CSS.escape(doc.name)}"]`);
			if (!cell || !button.show(doc)) continue;
			const element = new_element("button", "btn btn-default btn-sm", button.get_label(doc));
			element.type = "button";
			element.title = button.get_description(doc);
			element.addEventListener("click", () => while_disabled(element, () => button.action(doc)));
			cell.append(element);
		}
	}
}

// A form that takes something away asks first. A second click while a form is being sent does not send it again.
document.addEventListener("submit", (event) => {
	const form = event.target;
	const { warn, warnLabel } = form.dataset;
	if (event.defaultPrevented || form.method !== "post") return;
	if (!warn) return send_once(event);
	event.preventDefault();
	frappe.warn(warnLabel, frappe.utils.escape_html(warn), () => form.submit(), warnLabel);
});

function send_once(event) {
	if (event.target.getAttribute("aria-busy")) event.preventDefault();
	else event.target.setAttribute("aria-busy", "true");
}

// Back from the next page, the forms can be sent again.
window.addEventListener("pageshow", () =>
	document.querySelectorAll("form[aria-busy]").forEach((form) => form.removeAttribute("aria-busy"))
);

frappe.start_page = () => {
	if (cur_page.view === "form") {
		cur_frm = new DeskForm(cur_page);
		cur_frm.refresh();
	} else if (cur_page.view === "list") {
		new DeskList(cur_page).start();
	}
};

// On a phone the menu is a strip: the page's own entry is in sight.
document.addEventListener("DOMContentLoaded", () => {
	document.querySelector(".side [aria-current=page]")?.scrollIntoView({ inline: "center", block: "nearest" });
	frappe.start_page();
});
