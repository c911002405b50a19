"""Reading experiment directories into drafts, in processes of their own; nothing is executed."""
