"""Hostile input, killed processes and crowds: what `make attack` runs, and its figures."""
