"""Frameworks, requirements and imports of a directory."""
