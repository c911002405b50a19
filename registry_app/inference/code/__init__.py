"""Sources as syntax trees, and constants and configuration files next to them."""
