"""Formats of pages in Korean."""
