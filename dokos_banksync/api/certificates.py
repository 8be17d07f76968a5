"""Certificates of a month."""

from __future__ import annotations

import frappe

from dokos_banksync.api.permitted import CERTIFICATE, answer, decide


@frappe.whitelist(methods=["POST"])
def make_certificate(bank_account: str, month: str) -> object:
	"""Certify a month (YYYY-MM) of a Bank Account, and return the new certificate."""
	return decide("certificates.make_certificate", bank_account=bank_account, month=month)


@frappe.whitelist()
def certificate_review(certificate: str) -> object:
	"""Return what a certificate said, and whether that still holds."""
	return answer("certificates.certificate_review", "read", CERTIFICATE, certificate=certificate)
