"""Read experiment directories into drafts, in separate processes; nothing is executed."""
