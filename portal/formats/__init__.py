"""How pages write dates and times: one form in every language, that of the commands."""
