"""Parts of the page of a run: what it is compared with, how far it is, why it failed."""
