// frappe.ui.Dialog on the browser's own <dialog>: it keeps the focus inside, Escape closes it, and the focus
// goes back to where it was.
"use strict";

let desk_ids = 0;

frappe.ui.Dialog = class Dialog {
	constructor(options) {
		Object.assign(this, options);
		this.fields_dict = {};
		this.id = `dialog-${++desk_ids}`;
		this.build();
		this.refresh_dependency();
	}

	build() {
		this.element = document.createElement("dialog");
		this.element.className = `desk-dialog ${this.size || ""} ${this.indicator || ""}`;
		this.element.setAttribute("aria-labelledby", `${this.id}-title`);
		this.element.innerHTML = `
			<form method="dialog" novalidate>
				<header><h2 id="${this.id}-title">${this.title}</h2>
					<button type="button" class="dialog-close" aria-label="${__("Close")}">×</button></header>
				<div class="dialog-body"></div>
				<footer></footer>
			</form>`;
		this.body = this.element.querySelector(".dialog-body");
		this.element.querySelector(".dialog-close").addEventListener("click", () => this.hide());
		this.element.addEventListener("close", () => this.closed());
		this.element.addEventListener("change", () => this.refresh_dependency());
		this.element.addEventListener("keydown", (event) => this.pressed(event));
		this.element.querySelector("form").addEventListener("submit", (event) => this.submitted(event));
		this.add_fields();
		this.add_buttons();
		document.body.append(this.element);
	}

	add_fields() {
		let section = null;
		let column = null;
		for (const df of this.fields) {
			if (df.fieldtype === "Section Break" || !section) {
				section = new_section(df.fieldtype === "Section Break" ? df.label : "");
				column = section.lastElementChild.lastElementChild;
				this.body.append(section);
			}
			if (df.fieldtype === "Column Break") {
				column = section.lastElementChild.appendChild(new_element("div", "form-column"));
			} else if (df.fieldtype !== "Section Break") {
				const field = new DeskField(df, `${this.id}-${df.fieldname}`);
				column.append(field.wrapper);
				this.fields_dict[df.fieldname] = field;
			}
		}
	}

	add_buttons() {
		const footer = this.element.querySelector("footer");
		const second = new_element("button", "btn btn-default", this.secondary_action_label || __("Close"));
		second.type = "button";
		second.addEventListener("click", () => (this.secondary_action ? this.secondary_action() : this.hide()));
		footer.append(second);
		if (!this.primary_action) return;
		this.secondary = second;
		this.primary = new_element("button", `btn ${this.warning ? "btn-danger" : "btn-primary"}`, this.primary_action_label || __("Submit"));
		footer.append(this.primary);
		if (this.warning) return;
		this.primary.title = __("Ctrl+Enter");
		this.primary.setAttribute("aria-keyshortcuts", "Control+Enter");
	}

	// From any field of a long dialog, without a Tab for each of the others; not what takes something away.
	pressed(event) {
		if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !this.primary || this.warning) return;
		event.preventDefault();
		this.primary.click();
	}

	submitted(event) {
		event.preventDefault();
		if (!this.primary) return this.hide();
		if (this.primary.disabled) return undefined;
		const values = this.get_values();
		return values && this.primary_action(values);
	}

	show() {
		this.came_from = document.activeElement;
		this.element.showModal();
		const fields = [...this.body.querySelectorAll("input:not([type=hidden]):not(:disabled), select, textarea")];
		const first = fields.find((field) => field.checkVisibility());
		if (this.warning) this.secondary.focus();
		else (first || this.primary || this.element.querySelector("footer button")).focus();
		return this;
	}

	hide() {
		this.element.close();
	}

	closed() {
		this.element.remove();
		if (this.came_from?.isConnected) this.came_from.focus();
		this.on_hide?.();
	}

	get_value(fieldname) {
		return this.fields_dict[fieldname].get_value();
	}

	// As in the Desk: an empty value is left out.
	get_values(ignore_errors) {
		const values = {};
		const missing = [];
		for (const [fieldname, field] of Object.entries(this.fields_dict)) {
			const value = field.get_value();
			if (value) values[fieldname] = value;
			else if (field.df.reqd) missing.push(field);
		}
		if (!missing.length || ignore_errors) return values;
		const labels = missing.map(({ df }) => __(df.label));
		frappe.show_alert({ message: __("Please fill in: {0}", [labels.join(", ")]), indicator: "orange" });
		missing.forEach((field) => field.show_error(__("Please fill in: {0}", [__(field.df.label)])));
		missing[0].input.focus();
		return null;
	}

	refresh_dependency() {
		const values = this.get_values(true);
		for (const field of Object.values(this.fields_dict))
			if (field.df.depends_on) field.wrapper.hidden = !field.df.depends_on(values);
	}

	// A button that is disabled gives up the focus: it goes to the way out instead of nowhere.
	disable_primary_action() {
		if (document.activeElement === this.primary) this.secondary.focus();
		this.primary.disabled = true;
	}

	enable_primary_action() {
		this.primary.disabled = false;
	}
};

function new_element(tag, class_name, text = "") {
	const element = document.createElement(tag);
	element.className = class_name;
	element.textContent = text;
	return element;
}

function new_section(label) {
	const section = new_element(label ? "fieldset" : "div", "form-section");
	if (label) section.append(new_element("legend", "section-label", label));
	const columns = new_element("div", "form-columns");
	columns.append(new_element("div", "form-column"));
	section.append(columns);
	return section;
}

class DeskField {
	constructor(df, id) {
		this.df = df;
		this.wrapper = new_element("div", "form-field");
		this.wrapper.hidden = Boolean(df.hidden);
		if (df.fieldtype === "HTML") this.wrapper.innerHTML = df.options || "";
		else this.add_input(id);
	}

	add_input(id) {
		const { df } = this;
		const label = new_element("label", "control-label", df.label);
		label.htmlFor = id;
		this.input = df.fieldtype === "Select" ? new_select(df.options) : new_element("input", "form-control");
		if (df.fieldtype !== "Select") this.input.type = df.fieldtype === "Date" ? "date" : "text";
		Object.assign(this.input, { id, name: df.fieldname, autocomplete: "off" });
		this.input.value = df.default ?? "";
		this.input.required = Boolean(df.reqd);
		this.wrapper.append(label, this.input);
		if (!df.description) return;
		const description = new_element("p", "help-box text-muted small", df.description);
		description.id = `${id}-help`;
		this.input.setAttribute("aria-describedby", description.id);
		this.wrapper.append(description);
	}

	// The error stands below the field until the user changes it.
	show_error(text) {
		const { input } = this;
		const described = input.getAttribute("aria-describedby") || "";
		if (input.hasAttribute("aria-invalid")) return;
		const error = new_element("p", "field-error small", text);
		error.id = `${input.id}-error`;
		input.setAttribute("aria-invalid", "true");
		input.setAttribute("aria-describedby", `${described} ${error.id}`.trim());
		this.wrapper.append(error);
		const remove = () => {
			error.remove();
			input.removeAttribute("aria-invalid");
			input.setAttribute("aria-describedby", described);
		};
		input.addEventListener("input", remove, { once: true });
	}

	get_value() {
		return this.input ? this.input.value : undefined;
	}
}

function new_select(options) {
	const select = new_element("select", "form-control");
	for (const { value, label } of options) select.append(new Option(label, value));
	return select;
}
