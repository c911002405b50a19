"""Store the findings of a scan, and compare them with users' decisions."""
