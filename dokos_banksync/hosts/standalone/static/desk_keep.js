// A page that is fetched again keeps what the user entered and opened in the old one, and the focus.
"use strict";

// Boxes and radio buttons of one name differ in their values.
const entry_key = (field) =>
	[
		field.form?.getAttribute("action") || "",
		field.name || field.id,
		field.matches("[type=checkbox], [type=radio]") ? field.value : "",
	].join(" ");

const entry_fields = (root) => [...root.querySelectorAll(":is(input, select, textarea):not([type=hidden], [type=submit])")];

function is_changed(field) {
	if (field.matches("select")) return field.value !== default_choice(field);
	return field.matches("[type=checkbox], [type=radio]") ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
}

const default_choice = ({ options }) => ([...options].find((option) => option.defaultSelected) || options[0])?.value;

const opened_key = (details) => details.querySelector("summary")?.textContent.trim();

frappe.read_entered = (root) => ({
	values: entry_fields(root).filter(is_changed).map((field) => [entry_key(field), field.value, field.checked]),
	opened: [...root.querySelectorAll("details[open]")].map(opened_key),
	focus: root.contains(document.activeElement) && document.activeElement.matches("input, select, textarea") && entry_key(document.activeElement),
});

frappe.restore_entered = (root, { values, opened, focus }) => {
	root.querySelectorAll("details").forEach((details) => (details.open ||= opened.includes(opened_key(details))));
	const fields = new Map(entry_fields(root).map((field) => [entry_key(field), field]));
	for (const [key, value, checked] of values) {
		const field = fields.get(key);
		if (!field) continue;
		if (field.matches("[type=checkbox], [type=radio]")) field.checked = checked;
		else if (!field.matches("select") || [...field.options].some((option) => option.value === value)) field.value = value;
	}
	if (focus) fields.get(focus)?.focus();
};
