// The part of the Desk's API that the form scripts use, on plain pages: words, calls, routes, values.
"use strict";

window.frappe = { ui: { form: {} }, listview_settings: {}, route_options: null };
const cur_page = JSON.parse(document.getElementById("page-data").textContent);

frappe.provide = (path) =>
	path.split(".").reduce((place, name) => (place[name] = place[name] || {}), window);

function __(text, values, doctype) {
	const phrases = window.desk_phrases || {};
	const translated = phrases[`${text}:${doctype}`] || phrases[text] || text;
	return translated.replace(/\{(\d+)\}/g, (blank, number) => (values && number in values ? values[number] : blank));
}

String.prototype.bold = function () {
	return `<b>${this}</b>`;
};

// Whoever got in may do everything.
frappe.model = { can_read: () => true, can_write: () => true };
frappe.boot = { user: { can_create: ["Sync Connection"], in_create: [] } };

frappe.utils = {
	escape_html: (text) =>
		String(text ?? "").replace(/[&<>"'`=]/g, (character) => `&#${character.charCodeAt(0)};`),
	debounce(work, wait) {
		let timer;
		return (...args) => {
			clearTimeout(timer);
			timer = setTimeout(() => work(...args), wait);
		};
	},
};

// The pages' own way to write a day: see `formats.py`.
const MONTHS = {
	en: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
	fr: ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
};

frappe.datetime = {
	str_to_user(text) {
		if (!text) return "";
		// A bare day must not slip to the day before in a zone west of Greenwich.
		const moment = new Date(text.length > 10 ? text : `${text}T12:00`);
		const parts = [moment.getDate(), MONTHS[document.documentElement.lang][moment.getMonth()], moment.getFullYear()];
		const two = (number) => String(number).padStart(2, "0");
		if (text.length > 10) parts.push(`${two(moment.getHours())}:${two(moment.getMinutes())}`);
		return parts.join("\u00a0");
	},
};

// The pages' own way to write an amount: see `formats.py`. No decimal is rounded away, and a code without a symbol is last.
const MOST_DECIMALS = { maximumFractionDigits: 4 };

function format_currency(value, currency) {
	return money_parts(value, currency).replace("-", "\u2212");
}

function money_parts(value, currency) {
	const language = document.documentElement.lang;
	const number = (options) => new Intl.NumberFormat(language, { ...MOST_DECIMALS, ...options });
	try {
		const style = number({ style: "currency", currency });
		const { minimumFractionDigits } = style.resolvedOptions();
		const symbol = style.formatToParts(0).find(({ type }) => type === "currency").value;
		if (symbol !== currency) return style.format(value);
		return `${number({ minimumFractionDigits }).format(value)}\u00a0${currency}`;
	} catch {
		return `${number().format(value)} ${currency}`; // no code of ISO 4217
	}
}

// -- calls ---------------------------------------------------------------------------------------------

class CallError extends Error {}

frappe.xcall = async (method, args = {}) => {
	const response = await ask_server(`/api/method/${method}`, args);
	const answer = await response.json().catch(() => ({}));
	if (response.ok) {
		frappe.realtime?.look_soon();
		return answer.message;
	}
	const error = new CallError(answer.message || __("The site answered {0}.", [response.status]));
	const parts = [error.message, answer.code, answer.reference].filter(Boolean);
	frappe.msgprint({
		title: __("This could not be done"),
		message: parts.map(frappe.utils.escape_html).join("<br>"),
		indicator: "red",
	});
	throw error;
};

async function ask_server(path, args) {
	const headers = { "Content-Type": "application/json", "X-Frappe-CSRF-Token": cur_page.csrf_token };
	try {
		return await fetch(path, { method: "POST", headers, body: JSON.stringify(args) });
	} catch {
		frappe.msgprint(__("The site does not answer. Is “banksync serve” still running?"));
		throw new CallError("no answer");
	}
}

// An action started by a click tells its failure to the person itself; nothing is left to report.
window.addEventListener("unhandledrejection", (event) => {
	if (event.reason instanceof CallError) event.preventDefault();
});

// -- routes --------------------------------------------------------------------------------------------

frappe.slug = (doctype) => doctype.toLowerCase().replaceAll(" ", "-");

frappe.utils.get_form_link = (doctype, name, html = false, text = "") => {
	const path = `/${frappe.slug(doctype)}/${encodeURIComponent(name)}`;
	return html ? `<a href="${path}">${text || frappe.utils.escape_html(name)}</a>` : path;
};

frappe.set_route = (view, doctype, name) => {
	const path = `/${frappe.slug(doctype)}`;
	if (view === "Form") window.location.assign(`${path}/${encodeURIComponent(name)}`);
	else window.location.assign(`${path}${options_as_query(frappe.route_options)}`);
};

frappe.new_doc = (doctype, options) =>
	window.location.assign(`/new/${frappe.slug(doctype)}${options_as_query(options)}`);

function options_as_query(options) {
	const query = new URLSearchParams();
	for (const [field, value] of Object.entries(options || {}))
		query.set(field, Array.isArray(value) ? value[1].join(",") : value);
	return options ? `?${query}` : "";
}

// Fetches the page again and puts its body in place: messages and dialogs on show stay.
// A page of another kind (the session has ended) is loaded as a whole.
// What the user is entering meanwhile stays, and the answer to an older request never replaces a newer one.
let reloads = 0;

frappe.reload_page = async () => {
	const mine = ++reloads;
	const html = await (await fetch(window.location.href)).text();
	if (mine !== reloads) return undefined;
	const fresh = new DOMParser().parseFromString(html, "text/html");
	const [content, data] = ["content", "page-data"].map((id) => fresh.getElementById(id));
	if (!content || !data) return window.location.reload();
	const old = document.getElementById("content");
	const entered = frappe.read_entered(old);
	old.replaceWith(document.adoptNode(content));
	frappe.restore_entered(content, entered);
	Object.assign(cur_page, JSON.parse(data.textContent));
	return frappe.start_page();
};
