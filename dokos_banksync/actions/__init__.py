"""What a user can do at the Desk, wherever it stands: on a Frappe site or on the embedded one."""
