"""Scans: their requests, progress and results, and what they left out."""
