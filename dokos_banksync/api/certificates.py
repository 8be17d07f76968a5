"""Certificates of a month."""

from __future__ import annotations

from typing import Any

import frappe

from dokos_banksync.api.permitted import CERTIFICATE, answer, decide


@frappe.whitelist(methods=["POST"])
def make_certificate(bank_account: str, month: str) -> dict[str, Any]:
	return decide("certificates.make_certificate", bank_account=bank_account, month=month)


@frappe.whitelist()
def certificate_review(certificate: str) -> dict[str, Any]:
	return answer("certificates.certificate_review", "read", CERTIFICATE, certificate=certificate)
