from dokos_banksync.shell import run_report


def execute(filters=None):
	return run_report.columns(), run_report.rows(filters or {})
