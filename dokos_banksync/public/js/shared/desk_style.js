// Styles that the Desk lacks: tables that stack on a phone, selects that look like selects, credentials in full width,
// a list of banks that scrolls by itself.
// The standalone site has them in style sheets of its own.
frappe.provide("banksync");

banksync.DESK_STYLE = `
select.form-control:is([data-field], [data-option], [data-column]) { appearance: auto; }
[data-fieldname="credential_fields"] .form-column { padding: 0; }
[data-fieldname="credential_fields"] .input-max-width { max-width: 100%; padding-right: 0; }
:is(.form-dashboard-section, .banksync-pictures) :is(.banksync-connection, .table-sm, summary) { font-size: var(--text-md, 13px); }
.banksync-institutions { max-height: 40vh; overflow-y: auto; }
.banksync-institutions label { display: flex; align-items: baseline; gap: 8px; width: 100%; }
.field-error { color: var(--red-600, #a61b1b); }
.form-control[aria-invalid="true"] { border-color: var(--red-500, #a61b1b); }
.list-row .level-right:has(.btn-action) { flex: 0 0 auto; width: auto; }
@media screen and (max-width: 767px) {
	table.table.stack thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
	table.table.stack tr { display: block; padding: 8px 0; border-top: 1px solid var(--border-color); }
	table.table.stack :is(td, tbody th) {
		display: flex; justify-content: space-between; gap: 12px; padding: 3px 0; border: 0; text-align: right !important;
		white-space: normal !important; overflow-wrap: anywhere;
	}
	table.table.stack td[data-label]::before {
		content: attr(data-label); flex: none; max-width: 45%; color: var(--text-muted); text-align: left;
	}
	table.table.stack :is(td:empty, td[data-label=""]::before) { display: none; }
	table.table.stack td > div { min-width: 0; }
	table.table.stack :is(th[scope="row"], td[data-label=""]) { display: block; text-align: left !important; }
	table.table.stack.banksync-accounts td { display: block; text-align: left !important; }
	table.table.stack.banksync-accounts td::before { display: block; max-width: none; }
	table.table.stack.banksync-accounts td:has([data-field="start"][hidden]) { display: none; }
}`;

frappe.dom.set_style(banksync.DESK_STYLE, "banksync-style");
