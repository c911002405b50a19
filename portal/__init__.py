"""The composition root: settings, addresses, commands that start things."""
