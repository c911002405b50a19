"""Builds the exact argv from an argument template and values."""
