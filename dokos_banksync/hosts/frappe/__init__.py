"""The app on a Frappe site: its ledger, fields, permissions, jobs, dashboards, installation and uninstallation."""
