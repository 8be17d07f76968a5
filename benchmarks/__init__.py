"""Speed and memory of an import, beside what the same work costs at the very least. Run: `make bench`."""
