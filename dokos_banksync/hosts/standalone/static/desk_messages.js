// What the Desk tells a person: alerts, message boxes, questions, progress; all of it read aloud too.
"use strict";

// The Desk takes HTML here; so does this. Scripts escape what is not theirs.
frappe.show_alert = (options, seconds = 7) => {
	const { message, indicator = "blue" } = typeof options === "string" ? { message: options } : options;
	const alert = document.createElement("div");
	alert.className = `alert ${indicator}`;
	alert.innerHTML = `<span class="alert-text">${message}</span>
		<button type="button" class="alert-close" aria-label="${__("Close")}">×</button>`;
	alert.querySelector("button").addEventListener("click", () => alert.remove());
	message_area().append(alert);
	setTimeout(() => alert.remove(), seconds * 1000);
};

// Only an open modal dialog lies above the page: what is to be seen and heard then goes into it.
function message_area() {
	const dialogs = document.querySelectorAll("dialog[open]");
	const place = dialogs[dialogs.length - 1] || document.body;
	let area = place.querySelector(":scope > .messages");
	if (!area) {
		area = document.createElement("div");
		area.className = "messages";
		area.setAttribute("role", "status");
		place.append(area);
	}
	return area;
}

frappe.msgprint = (options) => {
	const { title = __("Message"), message, indicator = "blue" } =
		typeof options === "string" ? { message: options } : options;
	const dialog = new frappe.ui.Dialog({
		title,
		indicator,
		fields: [{ fieldname: "message", fieldtype: "HTML", options: `<p>${message}</p>` }],
	});
	dialog.show();
	return dialog;
};

frappe.confirm = (message, if_yes, if_no) => {
	let agreed = false;
	const dialog = new frappe.ui.Dialog({
		title: __("Confirm"),
		fields: [{ fieldname: "message", fieldtype: "HTML", options: `<p>${message}</p>` }],
		primary_action_label: __("Yes"),
		primary_action() {
			agreed = true;
			dialog.hide();
			if_yes?.();
		},
		secondary_action_label: __("No"),
		on_hide: () => agreed || if_no?.(), // whichever way it was closed
	});
	dialog.show();
	return dialog;
};

// A destructive question: the warning colour, and the focus on the way out.
frappe.warn = (title, message, proceed, label) => {
	const dialog = new frappe.ui.Dialog({
		title,
		indicator: "red",
		warning: true,
		fields: [{ fieldname: "message", fieldtype: "HTML", options: `<p>${message}</p>` }],
		primary_action_label: label,
		primary_action() {
			dialog.hide();
			proceed?.();
		},
		secondary_action_label: __("Cancel"),
	});
	dialog.show();
	return dialog;
};

frappe.show_progress = (title, count, total = 100, description = "") => {
	const panel = document.getElementById("progress");
	const bar = panel.querySelector("progress");
	panel.hidden = false;
	panel.querySelector(".progress-title").innerHTML = title;
	panel.querySelector(".progress-text").textContent = description;
	if (count === null || count === undefined) bar.removeAttribute("value");
	else bar.value = (100 * count) / total;
};

frappe.hide_progress = () => {
	document.getElementById("progress").hidden = true;
};

// -- updates from the server: polled, quickly only while work goes on -------------------------------------

frappe.realtime = {
	handlers: {},
	last: null,
	timer: null,
	on(event, handler) {
		(this.handlers[event] ||= []).push(handler);
		this.look_soon();
	},
	off(event, handler) {
		this.handlers[event] = (this.handlers[event] || []).filter((one) => one !== handler);
	},
	look_soon() {
		if (!Object.keys(this.handlers).length) return;
		clearTimeout(this.timer);
		this.timer = setTimeout(() => this.look(), 50);
	},
	async look() {
		if (this.looking) return; // the answer of an older look must not come after that of a newer one
		this.looking = true;
		const after = this.last === null ? "" : `?after=${this.last}`;
		let busy = false;
		try {
			const updates = await (await fetch(`/api/progress${after}`)).json();
			busy = updates.busy;
			this.last = updates.last;
			for (const { event, data } of updates.events)
				for (const handler of this.handlers[event] || []) handler(data);
		} catch {
			// The server is away: the next look tells whether it came back.
		}
		this.looking = false;
		clearTimeout(this.timer);
		this.timer = setTimeout(() => this.look(), busy ? 300 : 5000);
	},
};
