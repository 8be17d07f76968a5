"""What a Frappe site does by itself: the queue, the schedule, notifications, webhooks."""
