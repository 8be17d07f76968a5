"""What the app is on a Frappe site besides its doctypes: fields, rights, dashboards, what comes and goes with it."""
