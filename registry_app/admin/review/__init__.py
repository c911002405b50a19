"""Where users review scans: guesses to confirm, and proposals for decided values."""
