// One call at a time for a button, a row or a dialog, and only the answer to the newest question.
frappe.provide("banksync");

banksync.at_work ??= new WeakSet();

// A second click while the first is under way does nothing.
banksync.once = async (owner, work) => {
	if (banksync.at_work.has(owner)) return undefined;
	banksync.at_work.add(owner);
	try {
		return await work();
	} finally {
		banksync.at_work.delete(owner);
	}
};

// The same for the primary button of a dialog: some versions of Frappe only grey it out. What is entered during the call
// would not count: the fields wait, too.
banksync.work_once = (dialog, work) =>
	banksync.once(dialog, async () => {
		dialog.disable_primary_action();
		try {
			return await banksync.while_inert(dialog.body, work);
		} finally {
			dialog.enable_primary_action();
		}
	});

banksync.while_inert = async (place, work) => {
	const { activeElement } = document;
	place.inert = true;
	try {
		return await work();
	} finally {
		place.inert = false;
		if (document.activeElement === document.body && activeElement.isConnected) activeElement.focus();
	}
};

// Returns a function that says whether no newer question of the same subject was asked meanwhile.
banksync.newest = (owner, subject) => {
	owner.banksync_asked ??= {};
	const mine = (owner.banksync_asked[subject] || 0) + 1;
	owner.banksync_asked[subject] = mine;
	return () => owner.banksync_asked[subject] === mine;
};

// The Desk enables a button of a form again only if its promise is fulfilled; the user has seen the refusal by then.
banksync.add_button = (frm, label, action, group) => {
	const owner = {};
	const run = () =>
		banksync.once(owner, action).catch((error) => {
			Promise.reject(error); // still reported as not handled
		});
	return frm.add_custom_button(label, run, group);
};
