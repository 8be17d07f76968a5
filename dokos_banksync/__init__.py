"""Keeps a Dokos or ERPNext site in step with its bank accounts."""

import sys

__version__ = "1.0.0rc1"

# Frappe looks for the doctypes of the module "Dokos Banksync" in the package
# "dokos_banksync.dokos_banksync". This app keeps them one level higher, so the package answers to that
# name as well. The price: a controller has two import names, so no code imports a controller.
sys.modules[f"{__name__}.{__name__}"] = sys.modules[__name__]
