"""The choice of the script that is started first, among those of a type."""
