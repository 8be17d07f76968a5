app_name = "dokos_banksync"
app_title = "Dokos Banksync"
app_publisher = "The dokos_banksync developers"
app_description = "Keeps a Dokos or ERPNext site in step with its bank accounts"
app_email = "maintainers@users.noreply.github.com"
app_license = "mit"
required_apps = []
