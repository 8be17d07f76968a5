from dokos_banksync.hosts.frappe import run_report


def execute(filters=None):
	return run_report.columns(), run_report.rows(filters or {})
