"""Who may log in, and what was done: the log-in form, its throttle, rights, the audit page."""
