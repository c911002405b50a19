"""From an argument template and values to the exact argv."""
