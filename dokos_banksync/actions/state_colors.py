"""How the states of connections and runs look."""

from __future__ import annotations

COLORS = {
	"Connecting": "orange",
	"Active": "green",
	"Waiting": "blue",
	"Action Required": "orange",
	"Consent Expired": "orange",
	"Bank Unavailable": "blue",
	"Not Supported": "gray",
	"Error": "red",
	"Disconnected": "gray",
	"Running": "blue",
	"Success": "green",
	"Partial": "orange",
	"Failed": "red",
	"Complete": "green",
	"Not complete": "orange",
}
"""The colour of each state of a connection, of a run and of a certificate."""
