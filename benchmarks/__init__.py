"""Figures that the documentation claims, each measured by a script of its own."""
