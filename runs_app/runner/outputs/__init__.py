"""What a script left in its directory: changed files, copies of them, and metrics in them."""
