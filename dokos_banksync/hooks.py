app_name = "dokos_banksync"
app_title = "Dokos Banksync"
app_publisher = "The dokos_banksync developers"
app_description = "Keeps a Dokos or ERPNext site in step with its bank accounts"
app_email = "maintainers@users.noreply.github.com"
app_license = "mit"

# Both only put jobs on the queue. Some versions of Frappe name a job after the last two parts of its path.
scheduler_events = {
	"hourly": ["dokos_banksync.tasks.banksync_hourly"],
	"daily": ["dokos_banksync.tasks.banksync_daily"],
}
