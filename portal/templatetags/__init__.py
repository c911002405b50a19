"""Tags of templates that show runs."""
