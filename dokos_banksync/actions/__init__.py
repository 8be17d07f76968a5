"""What a user or a job can do, the same on a Frappe site and on the standalone site."""
